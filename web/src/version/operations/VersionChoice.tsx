import { useQuery } from '@apollo/client/react'
import { MultiSelect, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../look/formats.ts'
import { VersionChoicesDocument } from '../version.generated.ts'

interface ChoiceProps {
  readonly projectId: string
  readonly label: string
  /** Left out of the choice. */
  readonly without: string
}

/** Versions of a project by dataset, newest first, to choose some. */
export function VersionsChoice({
  projectId,
  label,
  without,
  value,
  onChange,
}: ChoiceProps & { value: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation('version')
  return (
    <MultiSelect
      label={label}
      placeholder={value.length ? undefined : t('chooseVersions')}
      data={useChoices(projectId, without)}
      value={value}
      onChange={onChange}
      searchable
      required
    />
  )
}

/** The same, to choose one. */
export function VersionChoice({
  projectId,
  label,
  without,
  value,
  onChange,
}: ChoiceProps & { value: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation('version')
  return (
    <Select
      label={label}
      placeholder={t('chooseVersion')}
      data={useChoices(projectId, without)}
      value={value}
      onChange={onChange}
      searchable
      required
    />
  )
}

function useChoices(projectId: string, without: string) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const { data } = useQuery(VersionChoicesDocument, { variables: { projectId } })
  return (data?.project?.datasets.edges ?? []).map(({ node: dataset }) => ({
    group: dataset.name,
    items: dataset.versions.edges
      .filter(({ node }) => node.id !== without)
      .map(({ node }) => ({
        value: node.id,
        label: t('choice', { dataset: dataset.name, number: node.number, images: number(node.assetCount) }),
      })),
  }))
}
