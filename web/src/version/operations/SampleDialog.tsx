import { useMutation } from '@apollo/client/react'
import { NumberInput, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SampleVersionDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { Preview } from './Preview.tsx'
import { useGoToVersion, useTarget } from './target.ts'

const measures = ['count', 'percent', 'perLabel'] as const
type Measure = (typeof measures)[number]

/** Some images by chance: so many, a share, or so many for each label. */
export function SampleDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const goTo = useGoToVersion()
  const [measure, setMeasure] = useState<Measure>('count')
  const [amount, setAmount] = useState<number | string>(Math.max(1, Math.round(version.assetCount / 10)))
  const [seed, setSeed] = useState<number | string>(1)
  const target = useTarget(t('sample.name', { dataset: version.dataset.name }))
  const [sample, { loading, error }] = useMutation(SampleVersionDocument, {
    onCompleted: ({ sampleVersion }) => goTo(sampleVersion.version),
  })
  const isSaid = typeof amount === 'number' && amount > 0 && typeof seed === 'number'
  const input = {
    versionId: version.id,
    seed: Number(seed),
    ...(measure === 'percent' ? { fraction: Number(amount) / 100 } : { [measure]: Number(amount) }),
    ...target.input,
  }
  return (
    <FormDialog
      size="lg"
      title={t('sample.menu')}
      meaning={t('sample.meaning')}
      action={t('sample.do')}
      onClose={onClose}
      onSubmit={() => sample({ variables: { input } })}
      loading={loading}
      error={error}
      disabled={!isSaid || !target.isNamed}
    >
      <SegmentedControl
        aria-label={t('sample.measure')}
        value={measure}
        onChange={(value) => {
          const chosen = measures.find((one) => one === value)!
          setMeasure(chosen)
          if (chosen === 'percent') setAmount(10)
        }}
        data={measures.map((one) => ({ value: one, label: t(`sample.${one}`) }))}
      />
      <NumberInput
        label={t(`sample.${measure}`)}
        required
        min={measure === 'percent' ? 0.1 : 1}
        max={measure === 'percent' ? 100 : undefined}
        allowDecimal={measure === 'percent'}
        value={amount}
        onChange={setAmount}
      />
      <NumberInput
        label={t('seed')}
        description={t('seedMeaning')}
        required
        allowDecimal={false}
        value={seed}
        onChange={setSeed}
      />
      <TargetFields {...target.fields} />
      <Preview input={isSaid ? { sample: input } : undefined} />
    </FormDialog>
  )
}
