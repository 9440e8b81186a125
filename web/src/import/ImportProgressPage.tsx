import { useApolloClient, useMutation, useQuery } from '@apollo/client/react'
import {
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  Progress,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
} from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import type { ImportState } from '../graph/schema.generated.ts'
import { useLive } from '../graph/live.ts'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import {
  CancelImportDocument,
  ImportPageDocument,
  ImportProgressDocument,
  type ImportPageQuery,
} from './import.generated.ts'
import { ImportReport } from './ImportReport.tsx'
import { Figure } from './Inspection.tsx'

type ShownImport = NonNullable<ImportPageQuery['import']>

const colours: Record<ImportState, string> = {
  QUEUED: 'gray',
  RUNNING: 'cyan',
  SUCCEEDED: 'teal',
  REFUSED: 'orange',
  FAILED: 'red',
  CANCELLED: 'gray',
}
const isRunning = (state: ImportState) => state === 'QUEUED' || state === 'RUNNING'

/** How an import goes, live, and what it found. */
export function ImportProgressPage() {
  const { t } = useTranslation('import')
  const { time } = useFormats()
  const { importId = '' } = useParams()
  const { data, error, refetch } = useQuery(ImportPageDocument, { variables: { id: importId } })
  const [cancel, cancelling] = useMutation(CancelImportDocument, { variables: { id: importId } })
  const shown = data?.import
  const running = shown !== undefined && shown !== null && isRunning(shown.state)
  const live = useLive(ImportProgressDocument, { importId }, { skip: !running })
  const client = useApolloClient()
  useEffect(() => {
    // it may have added labels, which have colours now
    if (!running) void client.refetchQueries({ include: ['LabelColours'] })
  }, [client, running])
  if (data && !shown) return <NotFound />
  return (
    <Page
      title={shown ? t('importInto', { name: shown.dataset.name }) : undefined}
      crumbs={[{ label: shown?.dataset.project.name, to: `/projects/${shown?.dataset.project.id}` }]}
      beside={
        shown && (
          <Badge variant="light" color={colours[shown.state]} tt="none">
            {t(`state.${shown.state}`)}
          </Badge>
        )
      }
      facts={shown && t('startedAt', { when: time(shown.createdAt) })}
      actions={
        shown &&
        (running ? (
          <Button
            variant="default"
            loading={cancelling.loading}
            onClick={() => void cancel().catch(() => undefined)} // its error is shown
          >
            {t('cancel')}
          </Button>
        ) : (
          <>
            <Button component={Link} variant="default" to={`/projects/${shown.dataset.project.id}/import`}>
              {t('another')}
            </Button>
            {shown.version && (
              <Button component={Link} to={`/versions/${shown.version.id}`}>
                {t('toVersion')}
              </Button>
            )}
          </>
        ))
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      <Problem error={cancelling.error ?? live.error} />
      {!shown && !error && <Skeleton h={120} />}
      {shown && (
        <Stack maw={980}>
          {running && <Advance shown={shown} />}
          {shown.problem && (
            <Alert color={colours[shown.state]} title={t('why')}>
              {shown.problem}
            </Alert>
          )}
          {shown.state === 'CANCELLED' && <Text>{t('nothingStays')}</Text>}
          {shown.report && <ImportReport report={shown.report} reportUrl={shown.reportUrl} />}
        </Stack>
      )}
    </Page>
  )
}

function Advance({ shown: { progress, advance } }: { shown: ShownImport }) {
  const { t, i18n } = useTranslation('import')
  const { number, bytes, percent } = useFormats()
  const duration = (seconds: number) =>
    new Intl.NumberFormat(i18n.language, {
      style: 'unit',
      unit: seconds < 90 ? 'second' : 'minute',
      unitDisplay: 'long',
    }).format(seconds < 90 ? seconds : Math.round(seconds / 60))
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb={6}>
        <Text fw={500}>{t(advance ? `phase.${advance.phase}` : 'waiting')}</Text>
        <Text className="figures" role="status">
          {percent(progress)}
        </Text>
      </Group>
      <Progress value={progress * 100} aria-label={t('progress')} />
      {advance && (
        <SimpleGrid cols={{ base: 2, xs: 3 }} mt="sm">
          <Figure
            name={t('images')}
            value={t('countOf', {
              done: number(advance.doneImages),
              total: advance.imageCount ? number(advance.imageCount) : '…',
            })}
          />
          <Figure
            name={t('size')}
            value={t('bytesOf', {
              done: bytes(advance.doneBytes),
              total: advance.byteCount ? bytes(advance.byteCount) : '…',
            })}
          />
          <Figure
            name={t('remaining')}
            value={advance.remainingSeconds === null ? '…' : duration(advance.remainingSeconds)}
          />
        </SimpleGrid>
      )}
    </Paper>
  )
}
