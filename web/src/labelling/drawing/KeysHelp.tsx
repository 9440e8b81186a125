import { Group, Kbd, Modal, Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** What each key does, in the order in which one needs them. */
const rows = [
  { keys: ['N'], does: 'keyNew' },
  { keys: ['←', '↑', '→', '↓'], does: 'keyMove' },
  { keys: ['Shift', '←'], does: 'keyStretch' },
  { keys: ['Q', 'E'], does: 'keyTurn' },
  { keys: ['Alt', '←'], does: 'keyFine' },
  { keys: ['Tab'], does: 'keyWalk' },
  { keys: ['Esc'], does: 'keyEscape' },
  { keys: ['1', '…', '9', '0'], does: 'keyClass' },
  { keys: ['Delete'], does: 'keyDelete' },
  { keys: ['Ctrl', 'Z'], does: 'keyUndo' },
  { keys: ['Ctrl', 'Shift', 'Z'], does: 'keyRedo' },
  { keys: ['+', '−'], does: 'keyZoom' },
  { keys: ['Space'], does: 'keyPan' },
  { keys: ['F'], does: 'keyFit' },
] as const

export interface OwnKey {
  readonly keys: readonly string[]
  readonly does: string
}

/** All keys of a page that draws. */
export function KeysHelp({
  opened,
  close,
  own,
}: {
  opened: boolean
  close: () => void
  /** The page's own keys. */
  own: readonly OwnKey[]
}) {
  const { t } = useTranslation('labelling')
  const all: OwnKey[] = [...own, ...rows.map(({ keys, does }) => ({ keys, does: t(does) }))]
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('keys')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <Table>
          <Table.Tbody>
            {all.map(({ keys, does }) => (
              <Table.Tr key={does}>
                <Table.Td w={190}>
                  <Group gap={4} wrap="nowrap">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>{does}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" c="dimmed">
          {t('mouseHelp')}
        </Text>
      </Stack>
    </Modal>
  )
}
