import { Alert, Button, Divider, Group, Kbd, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowBackUp, IconHelp, IconMessage, IconPlayerSkipForward } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { BoxList } from '../drawing/BoxList.tsx'
import { ClassList } from '../drawing/ClassList.tsx'
import { Drawing } from '../drawing/Drawing.tsx'
import { drawingKeys } from '../drawing/drawing-keys.ts'
import { useKeys } from '../drawing/keys.ts'
import { KeysHelp } from '../drawing/KeysHelp.tsx'
import { Selected } from '../drawing/Selected.tsx'
import { answerOf } from '../drawing/sheet.ts'
import { useSheet } from '../drawing/use-sheet.ts'
import { SkipDialog } from './SkipDialog.tsx'
import type { Desk, DeskState, Item } from './desk.ts'
import { noteShown, noteSubmitted } from './next-image.ts'

/** One image in work. */
export function ItemOnDesk({
  item,
  task,
  desk,
  onDesk,
}: {
  item: Item
  task: { classes: readonly string[] }
  desk: Desk
  onDesk: DeskState
}) {
  const { t } = useTranslation('labelling')
  const { classes } = task
  const { sheet, change, sight } = useSheet(item, item.start, item.predictions, classes)
  const [isHelping, help] = useDisclosure()
  const [isSkipping, skipping] = useDisclosure()
  useDraft(sheet.boxes, () => desk.keep(item, answerOf(sheet)))

  function submit() {
    noteSubmitted()
    desk.submit(item, answerOf(sheet))
  }
  function skip(reason: string) {
    noteSubmitted()
    desk.skip(item, reason)
  }
  useKeys({
    ...drawingKeys(sheet, change, sight, classes, onDesk.previous),
    Enter: submit,
    S: skipping.open,
    B: () => desk.goBack(),
    '?': help.open,
    Escape: () =>
      sheet.selectedId ? change({ do: 'select', id: undefined }) : document.getElementById('submit')?.focus(),
  })

  return (
    <div className="bench">
      <Drawing
        imageUrl={item.imageUrl}
        sheet={sheet}
        change={change}
        sight={sight}
        kept={item.keptAnnotations}

        onShown={noteShown}
      />
      <aside aria-label={t('answer')}>
        {item.comment && (
          <Alert p="xs" color="orange" icon={<IconMessage aria-hidden />} title={t('sentBackWith')}>
            {item.comment}
          </Alert>
        )}
        <ClassList classes={classes} sheet={sheet} change={change} />
        <Selected sheet={sheet} />
        <BoxList sheet={sheet} change={change} />
        {sheet.suggestions.length > 0 && (
          <Stack gap={6}>
            <Text size="sm">{t('suggestions', { count: sheet.suggestions.length })}</Text>
            <Group gap="xs" grow>
              <Button
                size="xs"
                variant="light"
                onClick={() => change({ do: 'accept' })}
                rightSection={<Kbd size="xs">A</Kbd>}
              >
                {t('acceptOne')}
              </Button>
              <Button size="xs" variant="light" onClick={() => change({ do: 'acceptAll' })}>
                {t('acceptAll')}
              </Button>
            </Group>
          </Stack>
        )}
        <Divider />
        <Button id="submit" onClick={submit} rightSection={<Kbd size="xs">Enter</Kbd>}>
          {sheet.boxes.length > 0 ? t('submit') : t('submitEmpty')}
        </Button>
        <Group gap="xs" grow>
          <Button
            variant="default"
            size="xs"
            onClick={skipping.open}
            leftSection={<IconPlayerSkipForward size={14} aria-hidden />}
          >
            {t('skip')}
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={!onDesk.canGoBack}
            onClick={() => desk.goBack()}
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
          >
            {t('back')}
          </Button>
        </Group>
        <Button
          variant="subtle"
          size="xs"
          onClick={help.open}
          leftSection={<IconHelp size={14} aria-hidden />}
        >
          {t('keys')}
        </Button>
      </aside>
      <SkipDialog opened={isSkipping} close={skipping.close} skip={skip} />
      <KeysHelp
        opened={isHelping}
        close={help.close}
        own={[
          { keys: ['Enter'], does: t('keySubmit') },
          { keys: ['S'], does: t('keySkip') },
          { keys: ['B'], does: t('keyBack') },
          { keys: ['A'], does: t('keyAccept') },
          { keys: ['Shift', 'A'], does: t('keyAcceptAll') },
          { keys: ['Ctrl', 'C'], does: t('keyCopy') },
        ]}
      />
    </div>
  )
}

/** Keeps the draft each time when boxes changed, not when the image is merely opened. */
function useDraft(boxes: unknown, keep: () => void) {
  const first = useRef(boxes)
  const newest = useRef(keep)
  useEffect(() => void (newest.current = keep))
  useEffect(() => {
    if (first.current !== boxes) newest.current()
  }, [boxes])
}
