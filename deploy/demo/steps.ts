import { UsageError } from '../usage-error.ts'
import type { ApiClient } from './client.ts'
import { ProgressLine } from './progress.ts'

/** A dataset version as the demo needs it. */
export interface VersionFacts {
  readonly id: string
  readonly assetCount: number
  readonly annotationCount: number
  readonly labels: readonly { readonly label: string }[]
}

const importMutation = /* GraphQL */ `
  mutation Import($input: ImportDatasetInput!) {
    importDataset(input: $input) {
      import {
        id
      }
    }
  }
`
const importSubscription = /* GraphQL */ `
  subscription FollowImport($id: ID!, $after: String) {
    importProgress(importId: $id, after: $after) {
      cursor
      state
      progress
      problem
    }
  }
`
const importedQuery = /* GraphQL */ `
  query Imported($id: ID!) {
    import(id: $id) {
      report {
        problemCount
        problems(first: 5) {
          file
          line
          field
          found
          problem
          outcome
        }
      }
      version {
        id
        assetCount
        annotationCount
        labels {
          label
        }
      }
    }
  }
`

interface Problem {
  file: string
  line: number | null
  field: string | null
  found: string | null
  problem: string
  outcome: string
}
interface Imported {
  import: { report: { problemCount: number; problems: Problem[] } | null; version: VersionFacts | null }
}

/** Uploads an archive and imports it; what is wrong with single items is skipped and told. */
export async function importArchive(
  client: ApiClient,
  projectId: string,
  { name, archive, annotations }: { name: string; archive: string; annotations: 'TAKE' | 'IGNORE' },
): Promise<VersionFacts> {
  const line = new ProgressLine(`import ${name}`)
  const uploadId = await client.upload(archive, (share) => line.show(share / 2, 'uploading'))
  const input = { projectId, name, uploadId, annotations, unknownLabels: 'ADD', badItems: 'SKIP' }
  const { importDataset } = await client.ask<{ importDataset: { import: { id: string } } }>(importMutation, {
    input,
  })
  const { id } = importDataset.import
  type Update = { cursor: string; state: string; progress: number; problem: string | null }
  for await (const { state, progress, problem } of client.follow<Update>(importSubscription, { id })) {
    line.show(0.5 + progress / 2, 'importing')
    if (state === 'REFUSED' || state === 'FAILED') throw new UsageError(`${archive}: ${problem}`)
  }
  const { import: done } = await client.ask<Imported>(importedQuery, { id })
  if (!done.version) throw new UsageError(`${archive}: the import made no dataset version`)
  line.end(`${done.version.assetCount} images, ${done.version.annotationCount} boxes`)
  for (const { file, line: at, field, found, problem, outcome } of done.report?.problems ?? []) {
    const place = [at ? `${file}:${at}` : file, field, found].filter(Boolean).join(' ')
    console.log(`    ${place} ${problem}: ${outcome.toLowerCase()}`)
  }
  const more = (done.report?.problemCount ?? 0) - (done.report?.problems.length ?? 0)
  if (more > 0) console.log(`    ... and ${more} more`)
  return done.version
}

const jobSubscription = /* GraphQL */ `
  subscription FollowJob($id: ID!, $after: String) {
    jobProgress(jobId: $id, after: $after) {
      cursor
      state
      progress
      message
      failure {
        message
        advice
      }
    }
  }
`

interface JobUpdate {
  cursor: string
  state: string
  progress: number
  message: string | null
  failure: { message: string; advice: string } | null
}

/** Shows a job until it ends. @throws UsageError with its cause when it failed */
export async function followJob(client: ApiClient, id: string, line: ProgressLine): Promise<void> {
  for await (const { state, progress, message, failure } of client.follow<JobUpdate>(jobSubscription, {
    id,
  })) {
    line.show(progress, message || state.toLowerCase())
    if (state === 'FAILED') throw new UsageError(`the job failed: ${failure?.message} ${failure?.advice}`)
    if (state === 'CANCELLED') throw new UsageError('the job was cancelled')
  }
}

const eventsSubscription = /* GraphQL */ `
  subscription FollowProject($id: ID!, $after: String) {
    projectEvents(projectId: $id, after: $after) {
      cursor
      type
      entityId
      data
    }
  }
`

export interface ProjectEvent {
  cursor: string
  type: string
  entityId: string
  data: Record<string, unknown>
}

/** Everything that happens in a project from `since` on. */
export function followProject(client: ApiClient, id: string, since: Date): AsyncGenerator<ProjectEvent> {
  return client.follow<ProjectEvent>(eventsSubscription, { id, after: since.toISOString() })
}

const modelQuery = /* GraphQL */ `
  query ModelAfterTraining($id: ID!) {
    model(id: $id) {
      state
      problem
      map50
      evaluations {
        interval {
          low
          high
        }
      }
    }
  }
`

export interface ModelFacts {
  readonly state: string
  readonly problem: string | null
  readonly map50: number | null
  readonly evaluations: readonly { readonly interval: { low: number; high: number } | null }[]
}

export async function readModel(client: ApiClient, id: string): Promise<ModelFacts> {
  const { model } = await client.ask<{ model: ModelFacts }>(modelQuery, { id })
  return model
}
