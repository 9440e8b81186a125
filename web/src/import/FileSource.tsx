import { Button, Group, Paper, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { IconFileZip, IconFolder, IconPhotoUp, IconX } from '@tabler/icons-react'
import { useRef, useState, type DragEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { filesOfDrop, filesOfInput } from './chosen-files.ts'
import type { useUpload } from './useUpload.ts'

/** Where files are dropped or chosen: a zip, a folder or many images; they are sent at once. */
export function FileSource({ upload }: { upload: ReturnType<typeof useUpload> }) {
  const { t } = useTranslation('import')
  const { bytes, percent } = useFormats()
  const [isOver, setOver] = useState(false)
  const { state, start, stop, retry } = upload
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void filesOfDrop(event.dataTransfer).then(start)
  }
  return (
    <Stack>
      <Paper
        withBorder
        p="xl"
        className="drop-zone"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Stack align="center" gap="sm">
          <IconPhotoUp size={40} aria-hidden stroke={1.3} />
          <Text ta="center">{t('dropHere')}</Text>
          <Group justify="center">
            <Choice label={t('chooseFiles')} icon={<IconFileZip size={16} aria-hidden />} onChoose={start} />
            <Choice
              label={t('chooseFolder')}
              icon={<IconFolder size={16} aria-hidden />}
              onChoose={start}
              folder
            />
          </Group>
          <Text size="xs" c="dimmed" ta="center" maw={480}>
            {t('formatsTaken')}
          </Text>
        </Stack>
      </Paper>
      {(state.step === 'packing' || state.step === 'sending') && (
        <Paper withBorder p="sm" role="status">
          <Group justify="space-between" mb={6}>
            <Text size="sm">{t(state.step, { name: state.name })}</Text>
            <Group gap="xs">
              <Text size="sm" className="figures" c="dimmed">
                {t('bytesOf', { done: bytes(state.sentBytes), total: bytes(state.totalBytes) })}
              </Text>
              <Button
                size="compact-xs"
                variant="subtle"
                leftSection={<IconX size={14} aria-hidden />}
                onClick={stop}
              >
                {t('stop')}
              </Button>
            </Group>
          </Group>
          <Progress
            value={state.totalBytes ? (state.sentBytes / state.totalBytes) * 100 : 0}
            aria-label={percent(state.totalBytes ? state.sentBytes / state.totalBytes : 0)}
          />
        </Paper>
      )}
      {state.step === 'done' && <Text role="status">{t('sent', { name: state.name })}</Text>}
      {state.step === 'failed' && <Problem error={state.error} retry={retry} />}
    </Stack>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly icon: React.ReactNode
  readonly onChoose: ReturnType<typeof useUpload>['start']
  readonly folder?: boolean
}

function Choice({ label, icon, onChoose, folder = false }: ChoiceProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button variant="light" leftSection={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <VisuallyHidden>
        <input
          ref={input}
          type="file"
          multiple={!folder}
          webkitdirectory={folder ? '' : undefined}
          aria-label={label}
          tabIndex={-1}
          onChange={({ currentTarget }) => {
            if (currentTarget.files) onChoose(filesOfInput(currentTarget.files))
            currentTarget.value = '' // the same files may be chosen again
          }}
        />
      </VisuallyHidden>
    </>
  )
}

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameter is that of React's own declaration
  interface InputHTMLAttributes<T> {
    /** Not in React's types: a folder is chosen, with all that lies in it. */
    webkitdirectory?: string | undefined
  }
}
