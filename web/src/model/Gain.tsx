import { Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { Problem } from '../look/Problem.tsx'
import { evaluationOn, type ComparedModel } from './compared-models.ts'
import { verdictOf } from './map-change.ts'
import { EvaluationGainDocument } from './model.generated.ts'

/** Whether one model is better than another beyond the noise of the test set, in words. */
export function Gain({ from, to }: { from: ComparedModel; to: ComparedModel }) {
  const { t } = useTranslation('model')
  const { points } = useFormats()
  const [before, after] = [evaluationOn(from), evaluationOn(to, from.testVersion.id)]
  const { data, error } = useQuery(EvaluationGainDocument, {
    variables: { fromId: before?.id ?? '', toId: after?.id ?? '' },
    skip: !before || !after,
  })
  if (error) return <Problem error={error} />
  if (!before || !after)
    return (
      <Text size="sm" c="dimmed">
        {t('otherTestSet')}
      </Text>
    )
  const gain = data?.evaluationGain
  if (!gain) return null
  return (
    <Text size="sm" className="figures" data-verdict={verdictOf(gain)}>
      {t(`verdict.${verdictOf(gain)}`, {
        low: points(gain.low),
        high: points(gain.high),
        confidence: Math.round(gain.confidence * 100),
      })}
    </Text>
  )
}
