import { Skeleton, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** In the place of a list that is not there yet. */
export function ListSkeleton({ rows = 4, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTranslation()
  return (
    <Stack gap="xs" role="status" aria-busy aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} h={height} />
      ))}
    </Stack>
  )
}
