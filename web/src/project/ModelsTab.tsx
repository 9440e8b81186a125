import { Anchor, Badge, Button, Checkbox, Group, Progress, Table, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconArrowsDiff, IconBox } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { ProjectModelsDocument, type ModelRowFragment } from './models.generated.ts'
import { useProject } from './useProject.ts'

const pageSize = 50

/** The models of a project, newest first; two of them can be compared. */
export function ModelsTab() {
  const { t } = useTranslation('project')
  const { projectId } = useProject()
  const place = usePlace()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { data, previousData, error, refetch } = useQuery(ProjectModelsDocument, {
    variables: { id: projectId, first: pageSize, after: place.after },
  })
  const connection = (data ?? previousData)?.project?.models
  if (error && !connection) return <Problem error={error} retry={() => void refetch()} />
  if (!connection) return <ListSkeleton />
  if (connection.totalCount === 0)
    return (
      <Empty title={t('noModels')} advice={t('noModelsAdvice')} icon={<IconBox size={36} aria-hidden />}>
        <Button component={Link} to={`/projects/${projectId}/datasets`} variant="light">
          {t('toDatasets')}
        </Button>
      </Empty>
    )
  const models = connection.edges.map(({ node }) => node)
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id].slice(-2))
  return (
    <>
      {models.length > 1 && <Compare chosen={chosen} />}
      <Table.ScrollContainer minWidth={760}>
        <Table highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              {models.length > 1 && <Table.Th w={40} aria-label={t('compare')} />}
              <Table.Th>{t('model')}</Table.Th>
              <Table.Th ta="right">{t('map50')}</Table.Th>
              <Table.Th ta="right">{t('change')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
              <Table.Th>{t('trainedOn')}</Table.Th>
              <Table.Th>{t('testedOn')}</Table.Th>
              <Table.Th>{t('asked')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {models.map((model, index) => (
              <Table.Tr key={model.id}>
                {models.length > 1 && (
                  <Table.Td>
                    <Checkbox
                      aria-label={t('chooseToCompare', { name: model.name })}
                      checked={chosen.includes(model.id)}
                      onChange={() => choose(model.id)}
                    />
                  </Table.Td>
                )}
                <ModelCells
                  model={model}
                  before={models.slice(index + 1).find(({ map50 }) => map50 !== null)}
                />
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Pager place={place} size={pageSize} connection={connection} />
    </>
  )
}

function Compare({ chosen }: { chosen: readonly string[] }) {
  const { t } = useTranslation('project')
  return (
    <Group gap="sm">
      {chosen.length === 2 ? (
        <Button
          component={Link}
          to={`/models/compare?ids=${chosen.join(',')}`}
          size="sm"
          variant="light"
          leftSection={<IconArrowsDiff size={16} aria-hidden />}
        >
          {t('compareTwo')}
        </Button>
      ) : (
        <Button size="sm" variant="light" disabled leftSection={<IconArrowsDiff size={16} aria-hidden />}>
          {t('compareTwo')}
        </Button>
      )}
      <Text size="sm" c="dimmed">
        {t('compareAdvice')}
      </Text>
    </Group>
  )
}

const stateColours = {
  TRAINING: 'blue',
  EVALUATING: 'blue',
  READY: 'teal',
  FAILED: 'red',
  CANCELLED: 'gray',
} as const

/** @param before the model with a figure that came before it */
function ModelCells({ model, before }: { model: ModelRowFragment; before: ModelRowFragment | undefined }) {
  const { t } = useTranslation('project')
  const { percent, ago, time } = useFormats()
  return (
    <>
      <Table.Td>
        <Anchor component={Link} to={`/models/${model.id}`} fw={600}>
          {model.name}
        </Anchor>
      </Table.Td>
      <Table.Td ta="right" className="figures" fw={600}>
        {model.map50 !== null && percent(model.map50)}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {model.map50 !== null && before && before.map50 !== null && (
          <Change by={model.map50 - before.map50} from={before.name} />
        )}
      </Table.Td>
      <Table.Td>
        {model.state === 'TRAINING' && model.job ? (
          <Anchor component={Link} to={`/jobs/${model.jobId}`} size="sm" className="job-link">
            <Progress value={model.job.progress * 100} size="sm" w={120} aria-label={t('progress')} />
            {t(`modelState.${model.state}`)}
          </Anchor>
        ) : (
          <Badge color={stateColours[model.state]} variant="light" tt="none">
            {t(`modelState.${model.state}`)}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        <VersionLink version={model.trainingVersion} />
      </Table.Td>
      <Table.Td>
        <VersionLink version={model.testVersion} />
      </Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed" title={time(model.createdAt)}>
          {ago(model.createdAt)}
        </Text>
      </Table.Td>
    </>
  )
}

function Change({ by, from }: { by: number; from: string }) {
  const { t } = useTranslation('project')
  const { points } = useFormats()
  const rose = by >= 0
  return (
    <Text size="sm" c={rose ? 'teal.8' : 'red.8'} className="change" title={t('changeFrom', { name: from })}>
      {t(rose ? 'rose' : 'fell', { points: points(by) })}
    </Text>
  )
}

function VersionLink({ version }: { version: { id: string; number: number; dataset: { name: string } } }) {
  const { t } = useTranslation('project')
  return (
    <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
      {t('versionOf', { dataset: version.dataset.name, number: version.number })}
    </Anchor>
  )
}
