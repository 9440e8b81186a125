import { ActionIcon, Button, Group, NativeSelect, Text } from '@mantine/core'
import { IconArrowsShuffle, IconSortAscending, IconSortDescending, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { AssetPages } from './asset-pages.ts'
import { orders, type AssetsWanted } from './assets-wanted.ts'
import type { GridAsset } from './useAssetPages.ts'
import type { View } from './view.ts'

interface GridToolbarProps {
  readonly pages: AssetPages<GridAsset>
  readonly view: View
  readonly want: (wanted: AssetsWanted) => void
  readonly set: (name: 'seed', value: string | undefined) => void
}

/** How many there are, in which order, and some by chance. */
export function GridToolbar({ pages, view, want, set }: GridToolbarProps) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const { filter, orderBy, seed } = view
  const isDescending = orderBy?.direction === 'DESCENDING'
  const count = pages.totalCount
  return (
    <Group justify="space-between" gap="xs">
      <Text className="figures" aria-live="polite" fw={500}>
        {count === undefined
          ? t('counting')
          : t(seed === undefined ? (filter ? 'imagesFound' : 'imagesCount') : 'imagesByChance', {
              count,
              number: number(count),
            })}
      </Text>
      <Group gap="xs">
        {seed === undefined ? (
          <>
            <NativeSelect
              size="xs"
              aria-label={t('order')}
              value={orderBy?.by ?? 'ADDED'}
              data={orders.map((by) => ({ value: by, label: t(`orderBy.${by}`) }))}
              onChange={({ currentTarget: { value } }) => {
                const by = orders.find((order) => order === value)!
                want({ filter, orderBy: { by, direction: orderBy?.direction ?? 'ASCENDING' } })
              }}
            />
            <ActionIcon
              variant="default"
              size={30}
              aria-label={isDescending ? t('descending') : t('ascending')}
              onClick={() =>
                want({
                  filter,
                  orderBy: {
                    by: orderBy?.by ?? 'ADDED',
                    direction: isDescending ? 'ASCENDING' : 'DESCENDING',
                  },
                })
              }
            >
              {isDescending ? (
                <IconSortDescending size={16} aria-hidden />
              ) : (
                <IconSortAscending size={16} aria-hidden />
              )}
            </ActionIcon>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconArrowsShuffle size={16} aria-hidden />}
              onClick={() => set('seed', '1')}
            >
              {t('byChance')}
            </Button>
          </>
        ) : (
          <>
            <Button
              size="xs"
              variant="light"
              leftSection={<IconArrowsShuffle size={16} aria-hidden />}
              onClick={() => set('seed', String(seed + 1))}
            >
              {t('again')}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconX size={16} aria-hidden />}
              onClick={() => set('seed', undefined)}
            >
              {t('allImages')}
            </Button>
          </>
        )}
      </Group>
    </Group>
  )
}
