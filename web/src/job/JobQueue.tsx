import { ActionIcon, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { IconArrowUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { useViewer } from '../session/viewer.ts'
import { JobRow } from './JobRow.tsx'
import { MoveQueuedJobDocument, SetJobPriorityDocument, type JobSummaryFragment } from './job.generated.ts'
import { useMayChange } from './may-change.ts'

const usualPriorities = [20, 10, 0, -10]

/** Jobs that wait, in the order in which they will start. */
export function JobQueue({
  jobs,
  onChanged,
}: {
  jobs: readonly JobSummaryFragment[]
  onChanged: () => void
}) {
  const { t } = useTranslation('job')
  const inOrder = [...jobs].sort(
    (one, other) => (one.queuePlace ?? Infinity) - (other.queuePlace ?? Infinity),
  )
  return (
    <Stack gap="xs" component="section" aria-labelledby="queue">
      <Title order={2} size="h4" id="queue">
        {t('queue', { count: jobs.length })}
      </Title>
      {inOrder.map((job, index) => (
        <JobRow key={job.id} job={job}>
          <Place job={job} before={inOrder[index - 1]} onChanged={onChanged} />
        </JobRow>
      ))}
    </Stack>
  )
}

function Place({
  job,
  before,
  onChanged,
}: {
  job: JobSummaryFragment
  before: JobSummaryFragment | undefined
  onChanged: () => void
}) {
  const { t } = useTranslation('job')
  const { time } = useFormats()
  const isAdministrator = useViewer().role === 'ADMINISTRATOR'
  const mayChange = useMayChange(job)
  const [move, moving] = useMutation(MoveQueuedJobDocument, { onCompleted: onChanged })
  const [setPriority, setting] = useMutation(SetJobPriorityDocument, { onCompleted: onChanged })
  const mayOvertake =
    before &&
    mayChange &&
    (isAdministrator || (before.projectId === job.projectId && before.priority === job.priority))
  const priorities = [...new Set([job.priority, ...usualPriorities])].sort((one, other) => other - one)
  return (
    <Group gap="xs">
      <Problem error={moving.error ?? setting.error} />
      {job.estimatedStart && (
        <Text size="xs" c="dimmed" className="figures">
          {t('starts', { at: time(job.estimatedStart) })}
        </Text>
      )}
      {isAdministrator && (
        <NativeSelect
          size="xs"
          aria-label={t('priority')}
          value={String(job.priority)}
          data={priorities.map((priority) => ({
            value: String(priority),
            label: t('priorityOf', { priority }),
          }))}
          onChange={({ currentTarget }) =>
            // shown as `error`
            void setPriority({ variables: { id: job.id, priority: Number(currentTarget.value) } }).catch(
              () => undefined,
            )
          }
        />
      )}
      {mayOvertake && (
        <ActionIcon
          variant="default"
          aria-label={t('moveUp')}
          loading={moving.loading}
          onClick={() => void move({ variables: { id: job.id, before: before.id } }).catch(() => undefined)} // as above
        >
          <IconArrowUp size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  )
}
