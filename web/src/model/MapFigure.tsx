import { Group, Text } from '@mantine/core'
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { changeOf, points } from './map-change.ts'

const arrows = {
  up: {
    Icon: IconArrowUpRight,
    colour: 'light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))',
  },
  down: {
    Icon: IconArrowDownRight,
    colour: 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))',
  },
  level: { Icon: IconArrowRight, colour: 'var(--mantine-color-dimmed)' },
}

/**
 * mAP in per cent, and the change in percentage points with an arrow, as for stocks.
 * @param map 0 to 1; null: not known
 * @param before what to compare with, 0 to 1
 */
export function MapFigure({
  map,
  before,
  size = 'md',
}: {
  map: number | null
  before?: number | null
  size?: 'sm' | 'md' | 'xl'
}) {
  const { t, i18n } = useTranslation('model')
  if (map === null) return <Text c="dimmed">{t('mapUnknown')}</Text>
  const change = changeOf(map, before)
  const figure = new Intl.NumberFormat(i18n.language, { style: 'percent', minimumFractionDigits: 1 }).format(
    map,
  )
  return (
    <Group gap={8} align="baseline" wrap="nowrap" component="span" className="figures">
      <Text span inherit={size === 'md'} fw={650} fz={size === 'xl' ? 44 : size} lh={1.1}>
        {figure}
      </Text>
      {change && <Change direction={change.direction} told={points(i18n.language, change.by)} />}
    </Group>
  )
}

function Change({ direction, told }: { direction: keyof typeof arrows; told: string }) {
  const { t } = useTranslation('model')
  const { Icon, colour } = arrows[direction]
  return (
    <Text span size="sm" fw={600} c={colour} style={{ whiteSpace: 'nowrap' }} title={t('mapChange')}>
      <Icon size={16} aria-hidden style={{ verticalAlign: '-3px' }} /> {told}
    </Text>
  )
}
