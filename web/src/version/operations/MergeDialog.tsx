import { useMutation } from '@apollo/client/react'
import { Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { MergeConflicts } from '../../graph/schema.generated.ts'
import { MergeThreeWayDocument } from '../merge.generated.ts'
import { MergeVersionsDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { Preview } from './Preview.tsx'
import { StoppedMerge } from './StoppedMerge.tsx'
import { useGoToVersion, useTarget } from './target.ts'
import { VersionsChoice } from './VersionChoice.tsx'

const strategies: readonly (MergeConflicts | 'THREE_WAY')[] = [
  'FIRST_WINS',
  'LAST_WINS',
  'UNION',
  'STOP',
  'THREE_WAY',
]

/** Joins versions; says what counts where they disagree, or settles it by hand in a three-way merge. */
export function MergeDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const navigate = useNavigate()
  const goTo = useGoToVersion()
  const [others, setOthers] = useState<string[]>([])
  const [strategy, setStrategy] = useState<MergeConflicts | 'THREE_WAY'>('LAST_WINS')
  const target = useTarget(t('merge.name', { dataset: version.dataset.name }))
  const [merge, merging] = useMutation(MergeVersionsDocument)
  const [mergeThreeWay, threeWay] = useMutation(MergeThreeWayDocument)
  const isThreeWay = strategy === 'THREE_WAY'
  const input =
    others.length > 0 && !isThreeWay
      ? { versionIds: [version.id, ...others], conflicts: strategy, ...target.input }
      : undefined
  const submit = async () => {
    if (input) {
      const { data } = await merge({ variables: { input } })
      if (data) goTo(data.mergeVersions.version)
      return
    }
    const { data } = await mergeThreeWay({
      variables: { input: { oursId: version.id, theirsId: others[0]!, ...target.input } }, // one was chosen
    })
    const made = data?.mergeVersionsThreeWay.merge
    if (made) void (made.version ? goTo(made.version) : navigate(`/merges/${made.id}`))
  }
  return (
    <FormDialog
      size="lg"
      title={t('merge.menu')}
      meaning={t('merge.meaning')}
      action={t('merge.do')}
      onClose={onClose}
      onSubmit={submit}
      loading={merging.loading || threeWay.loading}
      error={merging.error ?? threeWay.error}
      disabled={others.length === 0 || (isThreeWay && others.length !== 1) || !target.isNamed}
    >
      <VersionsChoice
        projectId={version.project.id}
        label={t('merge.others')}
        without={version.id}
        value={others}
        onChange={setOthers}
      />
      <Radio.Group
        label={t('merge.strategy')}
        value={strategy}
        onChange={(value) => setStrategy(strategies.find((one) => one === value)!)}
      >
        <Stack gap={6} mt={6}>
          {strategies.map((one) => (
            <Radio
              key={one}
              size="xs"
              value={one}
              label={t(`merge.${one}`)}
              disabled={one === 'THREE_WAY' && others.length > 1}
            />
          ))}
        </Stack>
      </Radio.Group>
      <TargetFields {...target.fields} />
      <Preview
        input={input && { merge: input }}
        explain={(error) => <StoppedMerge error={error} versionIds={[version.id, ...others]} />}
      />
    </FormDialog>
  )
}
