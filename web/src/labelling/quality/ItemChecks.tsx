import { useMutation } from '@apollo/client/react'
import { Button, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Problem } from '../../look/Problem.tsx'
import type { ItemsToReviewQuery } from '../review.generated.ts'
import { ChooseLabelledAnswerDocument } from './quality.generated.ts'

type Item = NonNullable<ItemsToReviewQuery['labellingTask']>['items']['edges'][number]['node']

/** What a reviewer is to know of a gold image, or of an image that is answered twice. */
export function ItemChecks({ item: { id, inResult, knownAnnotations, otherAnswer } }: { item: Item }) {
  const { t } = useTranslation('labelling')
  const [choose, { loading, error }] = useMutation(ChooseLabelledAnswerDocument, {
    variables: { itemId: id },
  })
  if (knownAnnotations)
    return <Text size="sm">{t('isGold', { boxes: t('boxes', { count: knownAnnotations.length }) })}</Text>
  if (!otherAnswer) return null
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">
        {t(inResult ? 'isFirstAnswer' : 'isSecondAnswer', {
          ...{ name: otherAnswer.answeredBy?.name ?? t('nobodyYet') },
          boxes: t('boxes', { count: otherAnswer.annotations.length }),
        })}
      </Text>
      <Problem error={error} />
      {!inResult && (
        // what the graph refused is shown above
        <Button variant="default" size="xs" loading={loading} onClick={() => void choose().catch(() => {})}>
          {t('chooseAnswer')}
        </Button>
      )}
    </Stack>
  )
}
