import { useQuery } from '@apollo/client/react'
import { Alert, Anchor, Badge, Card, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { labelColour } from '../asset/label-colour.ts'
import { VendorOfTask, VendorTrouble } from '../vendor/VendorOfTask.tsx'
import { crumbsToTask } from './crumbs.ts'
import { Labellers } from './Labellers.tsx'
import { TaskDraft } from './quality/TaskDraft.tsx'
import { TaskQuality } from './quality/TaskQuality.tsx'
import { TaskActions } from './TaskActions.tsx'
import { LabellingTaskDocument, type LabellingTaskQuery } from './task.generated.ts'
import { TaskItems } from './TaskItems.tsx'
import { TaskProgress, TaskState } from './TaskProgress.tsx'

export type Task = NonNullable<LabellingTaskQuery['labellingTask']>

/** A labelling task: how far it is, its images, its labellers, and what can be done with it. */
export function TaskPage() {
  const { t } = useTranslation('labelling')
  const { taskId = '' } = useParams()
  const { data, error, refetch } = useQuery(LabellingTaskDocument, { variables: { taskId } })
  const task = data?.labellingTask
  if (error && !task) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton h={240} />
  if (!task) return <Problem error={new Error(t('noTask'))} />
  const mayEdit = task.project.myRole === 'OWNER' || task.project.myRole === 'EDITOR'
  return (
    <Page
      title={task.name}
      crumbs={crumbsToTask(task, t('labelling'))}
      beside={<TaskState state={task.state} />}
      actions={<TaskActions task={task} />}
    >
      {task.problem && (
        <Alert color="red" role="alert">
          {task.problem}
        </Alert>
      )}
      <VendorTrouble task={task} />
      <Facts task={task} />
      {mayEdit && <TaskDraft task={task} />}
      {mayEdit && isChecked(task) && <TaskQuality task={task} />}
      <Labellers task={task} />
      <TaskItems task={task} />
    </Page>
  )
}

function isChecked({ goldCount, overlap }: Task): boolean {
  return Boolean(goldCount || overlap)
}

function Facts({ task }: { task: Task }) {
  const { t, i18n } = useTranslation('labelling')
  const { version, result, classes, automaticLabeller, vendor, project } = task
  const { keepAnnotations, review, skippedCount, goldCount, overlap } = task
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  return (
    <Card withBorder padding="lg">
      <Stack>
        <TaskProgress task={task} />
        <Group gap="xl" align="flex-start">
          <Fact name={t('version')}>
            <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
              {t('versionNamed', {
                name: version.dataset.name,
                number: version.number,
                count: version.assetCount,
              })}
            </Anchor>
          </Fact>
          <Fact name={t('result')}>
            {result ? (
              <Anchor component={Link} to={`/versions/${result.id}`} size="sm">
                {t('resultNamed', {
                  name: result.dataset.name,
                  number: result.number,
                  count: result.annotationCount,
                })}
              </Anchor>
            ) : (
              <Text size="sm" c="dimmed">
                {t('notYet')}
              </Text>
            )}
          </Fact>
          <Fact name={t('who')}>
            {vendor ? (
              <VendorOfTask vendor={vendor} project={project} />
            ) : (
              <Text size="sm">{automaticLabeller?.name ?? t('peopleOfProject')}</Text>
            )}
          </Fact>
          <Fact name={t('rules')}>
            <Text size="sm">{keepAnnotations ? t('keepsAnnotations') : t('beginsEmpty')}</Text>
            <Text size="sm">{review ? t('isReviewed') : t('isNotReviewed')}</Text>
            {Boolean(goldCount) && <Text size="sm">{t('hasGold', { count: goldCount ?? 0 })}</Text>}
            {Boolean(overlap) && (
              <Text size="sm">{t('hasOverlap', { share: percent.format(overlap ?? 0) })}</Text>
            )}
          </Fact>
          {skippedCount > 0 && (
            <Fact name={t('itemSKIPPED')}>
              <Text size="sm" className="figures">
                {t('images', { count: skippedCount })}
              </Text>
            </Fact>
          )}
        </Group>
        <Group gap={6} aria-label={t('classes')} role="group">
          {classes.map((label) => (
            <Badge key={label} variant="dot" color={labelColour(label)} tt="none">
              {label}
            </Badge>
          ))}
        </Group>
      </Stack>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      {children}
    </Stack>
  )
}
