import { Accordion, Paper, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CancelJob } from '../job/CancelJob.tsx'
import { Failure } from '../job/Failure.tsx'
import { JobCourseBar } from '../job/JobBar.tsx'
import { isOver } from '../job/job-state.ts'
import { useLiveJob } from '../job/live-job.ts'
import { LogViewer } from '../job/LogViewer.tsx'
import { ResourceCharts } from '../job/ResourceCharts.tsx'
import { ScalarCharts } from '../job/ScalarCharts.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import type { ShownModel } from './ModelPage.tsx'
import { Section } from '../look/Section.tsx'

/** The training job of a model: how far it is, its curves, what it uses, what it prints. */
export function Training({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const { job, error, refetch } = useLiveJob(model.jobId)
  const problem = model.state === 'READY' ? undefined : model.problem
  if (error && !job) return <Problem error={problem ?? error} retry={() => void refetch()} />
  if (!job) return <ListSkeleton rows={2} />
  return (
    <Section
      title={t('training')}
      actions={<CancelJob job={{ id: job.id, state: job.state, project: model.project }} />}
    >
      <Stack gap="md">
        {!isOver(job.state) && (
          <Paper withBorder p="md">
            <JobCourseBar job={job} />
          </Paper>
        )}
        {/* a model that failed with its job says the same as the job */}
        {job.failure ? <Failure failure={job.failure} /> : <Problem error={problem} />}
        <ScalarCharts jobId={job.id} />
        <Accordion multiple variant="contained" keepMounted={false}>
          {job.state === 'RUNNING' && (
            <Accordion.Item value="resources">
              <Accordion.Control>{t('resources')}</Accordion.Control>
              <Accordion.Panel>
                <ResourceCharts jobId={job.id} />
              </Accordion.Panel>
            </Accordion.Item>
          )}
          <Accordion.Item value="log">
            <Accordion.Control>{t('log')}</Accordion.Control>
            <Accordion.Panel>
              <LogViewer jobId={job.id} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Section>
  )
}
