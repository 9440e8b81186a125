import { NumberInput, Stack, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import type { VersionPreviewInput } from '../graph/schema.generated.ts'
import { versionsWith } from './choices.ts'
import { useFormats } from '../look/formats.ts'
import { PreparedSizeDocument } from './iteration.generated.ts'
import { idsOf } from './made-first.ts'
import type { Settings } from './StepPanel.tsx'
import { VersionSelect, VersionsSelect } from './VersionSelect.tsx'

/** The pool of the round: what is mined, with what else, without what, and how much of it. */
export function PrepareSettings({ round, choices, parameters, draft, onChange, onDraft }: Settings) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const { more, sample } = draft
  const versions = versionsWith(choices, round.miningVersion, round.trainingVersion)
  const versionId = String(parameters.versionId)
  const excludeVersionIds = idsOf(parameters.excludeVersionIds)
  const size = useSize(
    more.length > 0
      ? { merge: { versionIds: [versionId, ...more], conflicts: 'FIRST_WINS' } }
      : { exclude: { versionId, excludeVersionIds: [...excludeVersionIds] } },
  )

  const before = versions.find(({ id }) => id === versionId)?.assetCount
  return (
    <Stack>
      <VersionSelect
        label={t('minedFrom')}
        description={t('minedFromAdvice')}
        versions={versions}
        value={versionId}
        onChange={(id) => onChange({ versionId: id })}
      />
      <VersionsSelect
        label={t('excluded')}
        description={t('excludedAdvice')}
        versions={versions}
        value={excludeVersionIds}
        onChange={(ids) => ids.length > 0 && onChange({ excludeVersionIds: ids })}
      />
      <VersionsSelect
        label={t('mergeMore')}
        description={t('mergeMoreAdvice')}
        versions={versions.filter(({ id }) => id !== versionId)}
        value={more}
        onChange={(ids) => onDraft({ more: ids })}
      />
      <NumberInput
        label={t('sample')}
        description={t('sampleAdvice')}
        min={1}
        allowDecimal={false}
        value={sample ?? ''}
        onChange={(count) => onDraft({ sample: typeof count === 'number' && count > 0 ? count : undefined })}
      />
      {size !== undefined && before !== undefined && (
        <Text size="sm" className="figures" role="status">
          {more.length > 0
            ? t('sizeAtMost', { count: size, images: number(size) })
            : t('sizeBecomes', { before: number(before), after: number(Math.min(size, sample ?? size)) })}
        </Text>
      )}
    </Stack>
  )
}

/** How many images an operation would give, counted and not stored. */
export function useSize(input: VersionPreviewInput): number | undefined {
  const { data, previousData } = useQuery(PreparedSizeDocument, { variables: { input } })
  return (data ?? previousData)?.versionPreview[0]?.assetCount
}
