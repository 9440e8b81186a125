import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import './home.css'
import { useQuery } from '@apollo/client/react'
import { IconPlus } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useViewer } from '../session/viewer.ts'
import { Activity } from './Activity.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { HomeProjectsDocument } from './home.generated.ts'
import { ProjectCards } from './ProjectCards.tsx'
import { PublicDatasets } from './PublicDatasets.tsx'
import { RunningWork } from './RunningWork.tsx'
import { withWords } from '../words/words.ts'

const NewProject = lazy(
  withWords(['label', 'project'], async () => ({
    default: (await import('../project/NewProject.tsx')).NewProject,
  })),
)

const pageSize = 12

/** Where one comes in: what runs, one's projects, what all may use, what one did. */
export function HomePage() {
  const { t } = useTranslation('home')
  const viewer = useViewer()
  const place = usePlace()
  const [isMaking, { open, close }] = useDisclosure()
  const variables = { first: pageSize, after: place.after }
  const { data, previousData, error, refetch } = useQuery(HomeProjectsDocument, { variables })
  const projects = (data ?? previousData)?.projects
  const isEmpty = projects?.totalCount === 0
  return (
    <Page
      title={isEmpty ? t('welcome', { name: viewer.name }) : t('projects')}
      actions={
        !isEmpty && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={open}>
            {t('newProject')}
          </Button>
        )
      }
    >
      {isMaking && (
        <Suspense>
          <NewProject opened onClose={close} />
        </Suspense>
      )}
      <Problem error={error} retry={() => void refetch()} />
      {!projects && !error && <ListSkeleton rows={2} height={160} />}
      {isEmpty && <FirstSteps onMake={open} />}
      {!isEmpty && <RunningWork />}
      {projects && !isEmpty && (
        <>
          <ProjectCards projects={projects.edges.map(({ node }) => node)} variables={variables} />
          <Pager place={place} size={pageSize} connection={projects} />
        </>
      )}
      <PublicDatasets />
      <Activity />
    </Page>
  )
}
