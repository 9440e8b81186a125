import { useApolloClient, useMutation } from '@apollo/client/react'
import { Autocomplete, Checkbox, Group, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../look/formats.ts'
import {
  CreateMissingLabelsDocument,
  RelabelVersionDocument,
  WorkspaceLabelsDocument,
} from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { useGoToVersion, useTarget } from './target.ts'

/** Renames labels, joins several in one, or drops them. */
export function RelabelDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const client = useApolloClient()
  const goTo = useGoToVersion()
  const [renamed, setRenamed] = useState<Readonly<Record<string, string>>>({})
  const [dropped, setDropped] = useState<readonly string[]>([])
  const target = useTarget(t('relabel.name', { dataset: version.dataset.name }))
  const { data } = useQuery(WorkspaceLabelsDocument, { variables: { search: null } })
  const known = data?.labels.edges.map(({ node }) => node.name) ?? []
  const [createLabels, creating] = useMutation(CreateMissingLabelsDocument)
  const [relabel, relabelling] = useMutation(RelabelVersionDocument)
  const rename = groupsOf(renamed, dropped)
  const after = labelsAfter(version.labels, rename, dropped)
  const submit = async () => {
    const missing = rename.map(({ to }) => to).filter((to) => !known.some((name) => sameLabel(name, to)))
    if (missing.length) {
      await createLabels({ variables: { input: { labels: missing.map((name) => ({ name })) } } })
      await client.refetchQueries({ include: [WorkspaceLabelsDocument, 'LabelColours'] })
    }
    const { data: made } = await relabel({
      variables: { input: { versionId: version.id, rename, drop: [...dropped], ...target.input } },
    })
    if (made) goTo(made.relabelVersion.version)
  }
  return (
    <FormDialog
      size="lg"
      title={t('relabel.menu')}
      meaning={t('relabel.meaning')}
      action={t('relabel.do')}
      onClose={onClose}
      onSubmit={submit}
      loading={creating.loading || relabelling.loading}
      error={creating.error ?? relabelling.error}
      disabled={(rename.length === 0 && dropped.length === 0) || !target.isNamed}
    >
      {version.labels.map(({ label, annotationCount }) => (
        <Group key={label} gap="sm" wrap="nowrap" align="center">
          <Text size="sm" w={160} truncate>
            {t('labelWithCount', { label, number: number(annotationCount) })}
          </Text>
          <Autocomplete
            flex={1}
            size="xs"
            aria-label={t('relabel.newName', { label })}
            placeholder={label}
            disabled={dropped.includes(label)}
            data={known}
            value={renamed[label] ?? ''}
            onChange={(to) => setRenamed({ ...renamed, [label]: to })}
          />
          <Checkbox
            size="xs"
            label={t('relabel.drop')}
            aria-label={t('relabel.dropLabel', { label })}
            checked={dropped.includes(label)}
            onChange={({ currentTarget: { checked } }) =>
              setDropped(checked ? [...dropped, label] : dropped.filter((one) => one !== label))
            }
          />
        </Group>
      ))}
      <TargetFields {...target.fields} />
      <Text size="sm" role="status">
        {t('relabel.after', {
          images: number(version.assetCount),
          labels:
            after.map(([label, count]) => `${label} ${number(count)}`).join(', ') || t('relabel.nothing'),
        })}
      </Text>
    </FormDialog>
  )
}

const sameLabel = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

function groupsOf(renamed: Readonly<Record<string, string>>, dropped: readonly string[]) {
  const groups = new Map<string, string[]>()
  for (const [from, typed] of Object.entries(renamed)) {
    const to = typed.trim()
    if (to && to !== from && !dropped.includes(from)) groups.set(to, [...(groups.get(to) ?? []), from])
  }
  return [...groups].map(([to, from]) => ({ to, from }))
}

/** At most so many annotations of each label: those that become equal are one. */
function labelsAfter(
  labels: OperationProps['version']['labels'],
  rename: ReturnType<typeof groupsOf>,
  dropped: readonly string[],
): [string, number][] {
  const counts = new Map<string, number>()
  for (const { label, annotationCount } of labels) {
    if (dropped.includes(label)) continue
    const to = rename.find(({ from }) => from.includes(label))?.to ?? label
    counts.set(to, (counts.get(to) ?? 0) + annotationCount)
  }
  return [...counts]
}
