import { ColorSwatch, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../../asset/label-colour.ts'
import { readingOrder, type Change, type Sheet } from './sheet.ts'

/** Every box of the image in words, in reading order: what a canvas cannot tell, and another way to select one. */
export function BoxList({ sheet, change }: { sheet: Sheet; change: (change: Change) => void }) {
  const { t } = useTranslation('labelling')
  const order = readingOrder(sheet)
  if (order.length === 0) return null
  return (
    <Stack gap={0} className="box-list" role="group" aria-label={t('boxesOfImage')}>
      {order.map(({ id, what }) => {
        const isSuggested = 'score' in what
        const [width, height] = [Math.round(what.box.width), Math.round(what.box.height)]
        return (
          <UnstyledButton
            key={id}
            className="box-choice"
            data-box={isSuggested ? 'suggested' : 'drawn'}
            aria-pressed={id === sheet.selectedId}
            onClick={() => change({ do: 'select', id })}
          >
            <Group gap="xs" wrap="nowrap">
              <ColorSwatch
                size={10}
                radius={isSuggested ? 'xl' : 2}
                color={labelColour(what.label)}
                withShadow={false}
              />
              <Text size="xs" truncate flex={1}>
                {isSuggested ? `${what.label} ${Math.round(what.score * 100)}%` : what.label}
              </Text>
              <Text size="xs" c="dimmed" className="figures">
                {`${width} × ${height}`}
              </Text>
            </Group>
          </UnstyledButton>
        )
      })}
    </Stack>
  )
}
