import { useQuery } from '@apollo/client/react'
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useLive } from '../graph/live.ts'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useViewer } from '../session/viewer.ts'
import { crumbsBelowTask } from './crumbs.ts'
import { useDesk } from './desk/use-desk.ts'
import { DeskNews } from './desk/DeskNews.tsx'
import { ItemOnDesk } from './desk/ItemOnDesk.tsx'
import { TaskToLabelDocument, type TaskToLabelQuery } from './label.generated.ts'
import { LabellingTaskProgressDocument } from './tasks.generated.ts'

type Task = NonNullable<TaskToLabelQuery['labellingTask']>

/** Where people label: one image after the other, until none is left. */
export function LabelPage() {
  const { t } = useTranslation('labelling')
  const { taskId = '' } = useParams()
  const { data, error, refetch } = useQuery(TaskToLabelDocument, { variables: { taskId } })
  const task = data?.labellingTask
  if (error && !task) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <LabelSkeleton />
  if (!task) return <Problem error={new Error(t('noTask'))} />
  return (
    <Page title={t('labelTitle', { name: task.name })} crumbs={crumbsBelowTask(task, t('labelling'))}>
      {mayLabel(task) ? <DeskOf key={task.id} task={task} /> : <CannotLabel task={task} />}
    </Page>
  )
}

function mayLabel({ automaticLabeller, vendor, project }: Task): boolean {
  return !automaticLabeller && !vendor && project.myRole !== null && project.myRole !== 'VIEWER'
}

function CannotLabel({ task: { automaticLabeller, vendor } }: { task: Task }) {
  const { t } = useTranslation('labelling')
  if (vendor) return <Alert>{t('vendorAnswers', { name: vendor.name })}</Alert>
  return (
    <Alert>
      {automaticLabeller ? t('automaticAnswers', { name: automaticLabeller.name }) : t('onlyAnnotators')}
    </Alert>
  )
}

function DeskOf({ task }: { task: Task }) {
  const viewer = useViewer()
  const { desk, outbox, onDesk, onTheWay } = useDesk(task.id, viewer.id)
  const fillIfEmpty = () => {
    if (desk.state.items.length === 0) void desk.fill()
  }
  // what others do may free images
  useLive(LabellingTaskProgressDocument, { taskId: task.id }, { onUpdate: fillIfEmpty })
  const [item] = onDesk.items
  const done = task.doneCount + onTheWay.waiting.filter(({ taskId }) => taskId === task.id).length
  return (
    <>
      <DeskNews
        outbox={outbox}
        onTheWay={onTheWay}
        done={Math.min(done, task.itemCount)}
        of={task.itemCount}
      />
      {item ? (
        <ItemOnDesk key={item.id} item={item} task={task} desk={desk} onDesk={onDesk} />
      ) : (
        <NoItem task={task} claim={onDesk.claim} error={onDesk.error} />
      )}
    </>
  )
}

function NoItem({
  task,
  claim,
  error,
}: {
  task: Task
  claim: 'asking' | 'given' | 'failed'
  error: unknown
}) {
  const { t } = useTranslation('labelling')
  if (claim === 'asking') return <LabelSkeleton />
  if (claim === 'failed') return <Problem error={error} />
  return (
    <Stack align="flex-start" py="xl">
      <Text size="lg" fw={600}>
        {task.itemsReady ? t('nothingLeft') : t('itemsNotReady')}
      </Text>
      <Text c="dimmed">{task.itemsReady ? t('nothingLeftWhy') : t('itemsNotReadyWhy')}</Text>
      <Group>
        <Button component={Link} to={`/labelling/${task.id}`}>
          {t('toTask')}
        </Button>
      </Group>
    </Stack>
  )
}

function LabelSkeleton() {
  return (
    <Group align="stretch" wrap="nowrap">
      <Skeleton h={480} flex={1} />
      <Skeleton h={480} w={250} visibleFrom="sm" />
    </Group>
  )
}
