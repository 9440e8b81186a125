import { labelColour } from '../../asset/label-colour.ts'
import { ColorSwatch, Group, Kbd, Stack, Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { keyOfClass } from './drawing-keys.ts'
import { selectedIn, type Change, type Sheet } from './sheet.ts'

/** The classes with their keys and how many boxes each has; the chosen one is the label of the selected box and of the next. */
export function ClassList({
  classes,
  sheet,
  change,
}: {
  classes: readonly string[]
  sheet: Sheet
  change: (change: Change) => void
}) {
  const { t } = useTranslation('labelling')
  const chosen = selectedIn(sheet)?.what.label ?? sheet.label
  return (
    <Stack gap={2} className="class-list" role="group" aria-label={t('classes')}>
      {classes.map((label, index) => (
        <UnstyledButton
          key={label}
          className="class-choice"
          aria-pressed={label === chosen}
          onClick={() => change({ do: 'label', label })}
        >
          <Group gap="xs" wrap="nowrap">
            <ColorSwatch size={14} color={labelColour(label)} withShadow={false} />
            <Text size="sm" truncate flex={1}>
              {label}
            </Text>
            <Text size="sm" c="dimmed" className="figures">
              {sheet.boxes.filter(({ what }) => what.label === label).length}
            </Text>
            <Kbd size="xs" miw={20} ta="center">
              {keyOfClass(index) ?? '–'}
            </Kbd>
          </Group>
        </UnstyledButton>
      ))}
    </Stack>
  )
}
