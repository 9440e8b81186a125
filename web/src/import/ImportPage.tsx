import { useMutation, useQuery } from '@apollo/client/react'
import { Button, Paper, SegmentedControl, Skeleton, Stack, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { mayAs } from '../project/may.ts'
import { FileSource } from './FileSource.tsx'
import './import.css'
import { ImportStartDocument, InspectImportDocument, type InspectImportMutation } from './import.generated.ts'
import { ImportSettings } from './ImportSettings.tsx'
import { Inspection } from './Inspection.tsx'
import { useUpload } from './useUpload.ts'
import { VersionSource } from './VersionSource.tsx'

const kinds = ['files', 'url', 'path', 'version', 'public'] as const
type Kind = (typeof kinds)[number]

/** Where the files of an import are, as the graph takes it. */
export type ImportSource = { uploadId: string } | { url: string } | { path: string } | { versionId: string }

export type Inspected = InspectImportMutation['inspectImport']['inspection']

/** Brings images with their annotations in: choose them, see what they are, decide, start. */
export function ImportPage() {
  const { t } = useTranslation('import')
  const { projectId = '' } = useParams()
  const navigate = useNavigate()
  const [kind, setKind] = useState<Kind>('files')
  const [source, setSource] = useState<ImportSource>()
  const upload = useUpload()
  const { data, error, refetch } = useQuery(ImportStartDocument, { variables: { projectId } })
  const [inspect, inspecting] = useMutation(InspectImportDocument)
  const uploadId = upload.state.step === 'done' ? upload.state.uploadId : undefined
  useEffect(() => {
    if (kind === 'files') setSource(uploadId === undefined ? undefined : { uploadId })
  }, [kind, uploadId])
  useEffect(() => {
    if (source && !('versionId' in source))
      void inspect({ variables: { input: { projectId, ...source } } }).catch(() => undefined) // its error is shown
  }, [inspect, projectId, source])
  if (data && !mayAs('EDITOR', data.project)) return <NotFound />
  const roots = data?.importRoots ?? []
  const offered = kinds.filter((one) => one !== 'path' || roots.length > 0)
  const inspection = source && inspecting.data?.inspectImport.inspection
  const isVersion = source !== undefined && 'versionId' in source
  return (
    <Page
      title={t('title')}
      crumbs={[{ label: data?.project?.name, to: `/projects/${projectId}` }]}
      facts={t('meaning')}
    >
      <Problem error={error} retry={() => void refetch()} />
      <Stack maw={860} gap="lg">
        <SegmentedControl
          aria-label={t('whereFrom')}
          value={kind}
          onChange={(value) => {
            setKind(kinds.find((one) => one === value)!)
            setSource(undefined)
            inspecting.reset()
          }}
          data={offered.map((one) => ({ value: one, label: t(`source.${one}`) }))}
        />
        {kind === 'files' && <FileSource upload={upload} />}
        {kind === 'url' && (
          <TextSource
            key="url"
            label={t('url')}
            advice={t('urlAdvice')}
            onSource={(url) => setSource({ url })}
          />
        )}
        {kind === 'path' && (
          <TextSource
            key="path"
            label={t('path')}
            advice={t('pathAdvice', { roots: roots.join(', ') })}
            onSource={(path) => setSource({ path })}
          />
        )}
        {(kind === 'version' || kind === 'public') && (
          <VersionSource
            key={kind}
            ofPublic={kind === 'public'}
            onSource={(versionId) => setSource({ versionId })}
          />
        )}
        {source && inspecting.loading && <Skeleton h={140} aria-label={t('looking')} />}
        {source && <Problem error={inspecting.error} />}
        {inspection && !inspecting.loading && <Inspection inspection={inspection} />}
        {source && (isVersion || (inspection && !inspecting.loading)) && (
          <ImportSettings
            projectId={projectId}
            datasets={data?.project?.datasets.edges.map(({ node }) => node) ?? []}
            source={source}
            inspection={isVersion ? undefined : inspection}
            suggestion={kind === 'files' && upload.state.step === 'done' ? nameOf(upload.state) : ''}
            onStarted={(id) => void navigate(`/imports/${id}`)}
          />
        )}
      </Stack>
    </Page>
  )
}

const nameOf = (archive: { readonly name: string }) => archive.name.replace(/\.zip$/i, '')

interface TextSourceProps {
  readonly label: string
  readonly advice: string
  readonly onSource: (text: string) => void
}

function TextSource({ label, advice, onSource }: TextSourceProps) {
  const { t } = useTranslation('import')
  const [text, setText] = useState('')
  return (
    <Paper withBorder p="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSource(text.trim())
        }}
      >
        <Stack align="flex-start">
          <TextInput
            w="100%"
            label={label}
            description={advice}
            required
            value={text}
            onChange={({ currentTarget: { value } }) => setText(value)}
          />
          <Button type="submit" variant="light">
            {t('look')}
          </Button>
        </Stack>
      </form>
    </Paper>
  )
}
