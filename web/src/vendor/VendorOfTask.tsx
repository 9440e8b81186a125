import { Alert, Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHourglass } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useProjectNews } from '../graph/live.ts'
import type { LabellingTaskState, ProjectRole } from '../graph/schema.generated.ts'
import { useFormats } from '../look/formats.ts'
import { mayAs } from '../project/may.ts'
import { MoveTask } from './MoveTask.tsx'

interface TaskOfVendor {
  readonly id: string
  readonly state: LabellingTaskState
  readonly stuckSince: string | null
  readonly project: { readonly id: string; readonly myRole: ProjectRole | null }
  readonly vendor: { readonly id: string; readonly name: string; readonly closedAt: string | null } | null
}

/** The vendor that has a task; its owners find their way to it. */
export function VendorOfTask({
  vendor: { id, name, closedAt },
  project,
}: {
  readonly vendor: NonNullable<TaskOfVendor['vendor']>
  readonly project: TaskOfVendor['project']
}) {
  const { t } = useTranslation('vendor')
  return (
    <Group gap={6}>
      {mayAs('OWNER', project) ? (
        <Anchor component={Link} to={`/vendors/${id}`} size="sm">
          {name}
        </Anchor>
      ) : (
        <Text size="sm">{name}</Text>
      )}
      {closedAt && (
        <Badge size="sm" variant="light" color="gray" tt="none">
          {t('closed')}
        </Badge>
      )}
    </Group>
  )
}

/** Says that nothing comes from a task's vendor, or can come any more, and how to go on. */
export function VendorTrouble({ task }: { task: TaskOfVendor }) {
  const { t } = useTranslation('vendor')
  const { time } = useFormats()
  const [isMoving, moving] = useDisclosure()
  const { vendor, state, stuckSince, project } = task
  const isWithVendor = state === 'OPEN' && vendor !== null
  useProjectNews(isWithVendor ? project.id : undefined)
  if (!isWithVendor) return null
  const { name, closedAt } = vendor
  const stuck = stuckSince && t('stuckTrouble', { name, time: time(stuckSince) })
  const trouble = closedAt ? t('closedTrouble', { name }) : stuck
  if (!trouble) return null
  return (
    <Alert role="status" color="orange" icon={<IconHourglass aria-hidden />} title={trouble}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t('troubleAdvice')}</Text>
        {mayAs('EDITOR', project) && (
          <Button size="xs" variant="default" onClick={moving.open}>
            {t('moveTask')}
          </Button>
        )}
      </Stack>
      {isMoving && <MoveTask task={task} close={moving.close} />}
    </Alert>
  )
}
