import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { readingOrder, type Sheet } from './sheet.ts'
import { degreesOf } from './turned.ts'

/** The selected box in words, read out as it changes. */
export function Selected({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation('labelling')
  const order = readingOrder(sheet)
  const at = order.findIndex(({ id }) => id === sheet.selectedId)
  const what = order[at]?.what
  const words = what
    ? t('score' in what ? 'selectedSuggestion' : 'selectedBox', {
        ...{ label: what.label, place: at + 1, count: order.length },
        ...{ x: Math.round(what.box.x), y: Math.round(what.box.y) },
        ...{ width: Math.round(what.box.width), height: Math.round(what.box.height) },
      })
    : t('boxes', { count: sheet.boxes.length })
  const turned = what?.rotation ? t('turnedBy', { degrees: Math.round(degreesOf(what)) }) : ''
  return (
    <Text size="xs" c="dimmed" role="status" className="figures" mih={36}>
      {words}
      {turned}
    </Text>
  )
}
