import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { versionsWith } from './choices.ts'
import { useFormats } from '../look/formats.ts'
import { idsOf } from './made-first.ts'
import { useSize } from './PrepareStep.tsx'
import type { Settings } from './StepPanel.tsx'
import { VersionsSelect } from './VersionSelect.tsx'

/** The new training set: the old one and what was labelled, with more or without some. */
export function MergeSettings({ round, choices, parameters, draft, onChange, onDraft }: Settings) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const { removed } = draft
  const labelled = round.steps.find(({ name }) => name === 'LABEL')?.version
  const versions = versionsWith(choices, round.trainingVersion, labelled)
  const versionIds = idsOf(parameters.versionIds)
  const merged = useSize({ merge: { versionIds: [...versionIds], conflicts: 'UNION' } })
  const base = round.trainingVersion

  return (
    <Stack>
      <VersionsSelect
        label={t('mergedSets')}
        description={t('mergedSetsAdvice')}
        versions={versions}
        value={versionIds}
        onChange={(ids) => ids.length > 0 && onChange({ versionIds: ids })}
      />
      <VersionsSelect
        label={t('removedSets')}
        description={t('removedSetsAdvice')}
        versions={versions.filter(({ id }) => !versionIds.includes(id))}
        value={removed}
        onChange={(ids) => onDraft({ removed: ids })}
      />
      {labelled && merged !== undefined && (
        <Text size="sm" className="figures" role="status">
          {removed.length > 0
            ? t('sizeAtMost', { count: merged, images: number(merged) })
            : t('trainingBecomes', {
                training: number(base.assetCount),
                labelled: number(labelled.assetCount),
                sum: number(merged),
              })}
        </Text>
      )}
    </Stack>
  )
}
