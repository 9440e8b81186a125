import { Alert } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { SharedImagesDocument } from './train.generated.ts'

/** Warns of images that are in both sets: what is measured with them flatters. Silent when there are none. */
export function SharedImages({ trainingId, testId }: { trainingId: string; testId: string }) {
  const { t } = useTranslation('train')
  const { data } = useQuery(SharedImagesDocument, {
    variables: { trainVersionId: trainingId, testVersionId: testId },
  })
  const shared = data?.datasetLeakage
  if (!shared || (shared.identicalCount === 0 && shared.nearCount === 0)) return null
  return (
    <Alert
      color={shared.identicalCount > 0 ? 'orange' : 'yellow'}
      icon={<IconAlertTriangle aria-hidden />}
      data-warning="shared"
    >
      {shared.identicalCount > 0 && t('sharedImages', { count: shared.identicalCount })}{' '}
      {shared.nearCount > 0 && t('similarImages', { count: shared.nearCount })}
    </Alert>
  )
}
