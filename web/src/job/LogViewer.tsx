import { ActionIcon, Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useApolloClient } from '@apollo/client/react'
import {
  IconArrowDown,
  IconCheck,
  IconChevronDown,
  IconChevronUp,
  IconCopy,
  IconDownload,
} from '@tabler/icons-react'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import type { LogStream } from '../graph/schema.generated.ts'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { withoutAnsi } from './ansi.ts'
import { saveLog } from './save-log.ts'
import { JobLogDocument } from './job.generated.ts'
import { LogLines } from './LogLines.tsx'
import { emptyLog, linesWith, withPieces } from './log-text.ts'

/** What a job printed: follows it to its end, searches it, shows one stream alone. */
export function LogViewer({ jobId }: { jobId: string }) {
  const { t } = useTranslation('job')
  const { number } = useFormats()
  const [log, setLog] = useState(emptyLog)
  const [stream, setStream] = useState<LogStream | 'BOTH'>('BOTH')
  const [wanted, setWanted] = useState('')
  const [current, setCurrent] = useState(0)
  const [isFollowing, setFollowing] = useState(true)
  const { error } = useLive(
    JobLogDocument,
    { jobId },
    {
      onUpdate: ({ jobLog: { pieces, nextOffset } }) =>
        setLog((sofar) => withPieces(sofar, pieces, nextOffset)),
    },
  )
  const lines = useMemo(
    () => (stream === 'BOTH' ? log.lines : log.lines.filter((line) => line.stream === stream)),
    [log, stream],
  )
  const texts = useMemo(() => lines.map(({ text }) => withoutAnsi(text)), [lines])
  const found = useMemo(() => linesWith(texts, wanted), [texts, wanted])
  const shown = found[Math.min(current, found.length - 1)]

  function goTo(step: number) {
    setFollowing(false)
    setCurrent((found.length + Math.min(current, found.length - 1) + step) % Math.max(1, found.length))
  }

  function onKey(event: KeyboardEvent) {
    if (event.key !== 'Enter') return
    event.preventDefault()
    goTo(event.shiftKey ? -1 : 1)
  }

  return (
    <Stack gap="xs">
      <Group gap="xs" justify="space-between">
        <Group gap={4} wrap="nowrap">
          <TextInput
            size="xs"
            type="search"
            aria-label={t('searchLog')}
            placeholder={t('searchLog')}
            value={wanted}
            onChange={(event) => {
              setWanted(event.currentTarget.value)
              setCurrent(0)
              setFollowing(false)
            }}
            onKeyDown={onKey}
          />
          <ActionIcon
            variant="default"
            size={30}
            disabled={found.length === 0}
            onClick={() => goTo(-1)}
            aria-label={t('previousFound')}
          >
            <IconChevronUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={30}
            disabled={found.length === 0}
            onClick={() => goTo(1)}
            aria-label={t('nextFound')}
          >
            <IconChevronDown size={16} aria-hidden />
          </ActionIcon>
          <Text size="xs" c="dimmed" className="figures" role="status">
            {wanted &&
              t('found', {
                at: number(found.length ? Math.min(current, found.length - 1) + 1 : 0),
                count: number(found.length),
              })}
          </Text>
        </Group>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={t('stream')}
            value={stream}
            onChange={(value) => setStream(value as LogStream | 'BOTH')} // one of its data
            data={[
              { value: 'BOTH', label: t('bothStreams') },
              { value: 'STDOUT', label: t('stdout') },
              { value: 'STDERR', label: t('stderr') },
            ]}
          />
          <LogActions jobId={jobId} texts={texts} />
          <Button
            size="xs"
            variant={isFollowing ? 'light' : 'default'}
            leftSection={<IconArrowDown size={14} aria-hidden />}
            aria-pressed={isFollowing}
            onClick={() => setFollowing(true)}
          >
            {isFollowing ? t('following') : t('jumpToEnd')}
          </Button>
        </Group>
      </Group>
      <Problem error={error} />
      {log.dropped > 0 && (
        <Text size="xs" c="dimmed">
          {t('linesDropped', { count: number(log.dropped) })}
        </Text>
      )}
      <LogLines
        lines={lines}
        found={found}
        current={shown}
        isFollowing={isFollowing}
        onLeave={() => setFollowing(false)}
        onReachEnd={() => setFollowing(true)}
      />
    </Stack>
  )
}

function LogActions({ jobId, texts }: { jobId: string; texts: readonly string[] }) {
  const { t } = useTranslation('job')
  const client = useApolloClient()
  const clipboard = useClipboard()
  const [isLoading, setLoading] = useState(false)
  const [error, setError] = useState<unknown>()

  async function download() {
    setLoading(true)
    setError(undefined)
    try {
      await saveLog(client, jobId)
    } catch (failure) {
      setError(failure)
    } finally {
      setLoading(false)
    }
  }

  return (
    <>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t('copyLog')}
        onClick={() => clipboard.copy(texts.join('\n'))}
      >
        {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t('downloadLog')}
        loading={isLoading}
        onClick={() => void download()}
      >
        <IconDownload size={16} aria-hidden />
      </ActionIcon>
      <Problem error={error} />
    </>
  )
}
