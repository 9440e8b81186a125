import { NumberInput, Stack, Text } from '@mantine/core'
import { useApolloClient, useQuery } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { VersionPreviewInput } from '../graph/schema.generated.ts'
import { versionsWith } from './choices.ts'
import { useFormats } from '../look/formats.ts'
import {
  ExcludeForIterationDocument,
  MergeForIterationDocument,
  PreparedSizeDocument,
  SampleForIterationDocument,
} from './iteration.generated.ts'
import type { Settings } from './StepPanel.tsx'
import { VersionSelect, VersionsSelect } from './VersionSelect.tsx'

/** The pool of the round: what is mined, with what else, without what, and how much of it. */
export function PrepareSettings({ round, choices, parameters, onChange, onPrepare }: Settings) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const make = useMakePool()
  const [more, setMore] = useState<readonly string[]>([])
  const [sample, setSample] = useState<number>()
  const versions = versionsWith(choices, round.miningVersion, round.trainingVersion)
  const versionId = String(parameters.versionId)
  const excludeVersionIds = idsOf(parameters.excludeVersionIds)
  const size = useSize(
    more.length > 0
      ? { merge: { versionIds: [versionId, ...more], conflicts: 'FIRST_WINS' } }
      : { exclude: { versionId, excludeVersionIds: [...excludeVersionIds] } },
  )
  const isMade = more.length > 0 || sample !== undefined

  useEffect(() => {
    onPrepare(async () => {
      if (!isMade) return {}
      return { versionId: await make({ versionId, more, excludeVersionIds, sample }), excludeVersionIds }
    })
    // what is made follows from these alone
  }, [versionId, excludeVersionIds.join(), more, sample])

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
        onChange={setMore}
      />
      <NumberInput
        label={t('sample')}
        description={t('sampleAdvice')}
        min={1}
        allowDecimal={false}
        value={sample ?? ''}
        onChange={(count) => setSample(typeof count === 'number' && count > 0 ? count : undefined)}
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

interface Pool {
  readonly versionId: string
  /** Versions that are added. */
  readonly more: readonly string[]
  readonly excludeVersionIds: readonly string[]
  /** How many images are drawn from what is left; undefined: all. */
  readonly sample: number | undefined
}

/** Makes the pool by the operations of the graph. @returns its version */
function useMakePool() {
  const client = useApolloClient()
  const merge = async (versionIds: string[]) => {
    const input = { versionIds, conflicts: 'FIRST_WINS' as const }
    const { data } = await client.mutate({ mutation: MergeForIterationDocument, variables: { input } })
    return data!.mergeVersions.version.id // errors are thrown
  }
  const exclude = async (versionId: string, excludeVersionIds: string[]) => {
    const input = { versionId, excludeVersionIds }
    const { data } = await client.mutate({ mutation: ExcludeForIterationDocument, variables: { input } })
    return data!.excludeVersions.version.id // errors are thrown
  }
  const draw = async (versionId: string, count: number) => {
    const input = { versionId, count }
    const { data } = await client.mutate({ mutation: SampleForIterationDocument, variables: { input } })
    return data!.sampleVersion.version.id // errors are thrown
  }
  return async ({ versionId, more, excludeVersionIds, sample }: Pool) => {
    const merged = more.length > 0 ? await merge([versionId, ...more]) : versionId
    if (sample === undefined) return merged
    return draw(await exclude(merged, [...excludeVersionIds]), sample)
  }
}

/** How many images an operation would give, counted and not stored. */
export function useSize(input: VersionPreviewInput): number | undefined {
  const { data, previousData } = useQuery(PreparedSizeDocument, { variables: { input } })
  return (data ?? previousData)?.versionPreview[0]?.assetCount
}

/** A JSON value of the graph that is a list of ids. */
export function idsOf(json: unknown): string[] {
  return Array.isArray(json) ? json.filter((id): id is string => typeof id === 'string') : []
}
