import { useQuery } from '@apollo/client/react'
import { Select, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { VersionChoice } from '../version/operations/VersionChoice.tsx'
import { ProjectChoicesDocument } from '../version/operations.generated.ts'
import { ImportPublicDatasetsDocument } from './import.generated.ts'

interface VersionSourceProps {
  /** Datasets that are shared with everybody, instead of those of one's projects. */
  readonly ofPublic: boolean
  readonly onSource: (versionId: string) => void
}

/** Another dataset version, of any project that one sees or of a public dataset. */
export function VersionSource({ ofPublic, onSource }: VersionSourceProps) {
  return ofPublic ? <PublicSource onSource={onSource} /> : <ProjectSource onSource={onSource} />
}

type SourceProps = Pick<VersionSourceProps, 'onSource'>

function ProjectSource({ onSource }: SourceProps) {
  const { t } = useTranslation('import')
  const [projectId, setProjectId] = useState<string | null>(null)
  const [versionId, setVersionId] = useState<string | null>(null)
  const { data, error } = useQuery(ProjectChoicesDocument)
  return (
    <Stack>
      <Problem error={error} />
      <Select
        label={t('project')}
        searchable
        value={projectId}
        onChange={setProjectId}
        data={(data?.projects.edges ?? []).map(({ node }) => ({ value: node.id, label: node.name }))}
      />
      {projectId && (
        <VersionChoice
          projectId={projectId}
          label={t('version')}
          without=""
          value={versionId}
          onChange={(id) => {
            setVersionId(id)
            if (id) onSource(id)
          }}
        />
      )}
    </Stack>
  )
}

function PublicSource({ onSource }: SourceProps) {
  const { t } = useTranslation('import')
  const { number } = useFormats()
  const { data, error } = useQuery(ImportPublicDatasetsDocument)
  const datasets = (data?.publicDatasets.edges ?? []).map(({ node }) => node)
  return (
    <Stack>
      <Problem error={error} />
      <Select
        label={t('publicDataset')}
        placeholder={data && datasets.length === 0 ? t('noPublicDatasets') : undefined}
        searchable
        onChange={(id) => id && onSource(id)}
        data={datasets.flatMap(({ name, latestVersion }) =>
          latestVersion
            ? [
                {
                  value: latestVersion.id,
                  label: t('publicChoice', { name, images: number(latestVersion.assetCount) }),
                },
              ]
            : [],
        )}
      />
    </Stack>
  )
}
