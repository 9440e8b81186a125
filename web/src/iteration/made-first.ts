import type { ApolloClient } from '@apollo/client'
import type { IterationStepName } from '../graph/schema.generated.ts'
import {
  ExcludeForIterationDocument,
  MergeForIterationDocument,
  SampleForIterationDocument,
} from './iteration.generated.ts'
import type { Round } from './IterationPage.tsx'

export type Parameters = Readonly<Record<string, unknown>>

/** What a person asks for that is made by operations of its own before the step runs. */
export interface Draft {
  /** PREPARE: versions that are mined together with the pool. */
  readonly more: readonly string[]
  /** PREPARE: how many images are drawn from what is left; undefined: all. */
  readonly sample: number | undefined
  /** MERGE: versions whose images are taken out of the training set. */
  readonly removed: readonly string[]
}

export const emptyDraft: Draft = { more: [], sample: undefined, removed: [] }

interface Asked {
  readonly client: ApolloClient
  readonly round: Round
  /** Of the step, with what was changed. */
  readonly parameters: Parameters
  readonly draft: Draft
}

const makers: Partial<Record<IterationStepName, (asked: Asked) => Promise<Parameters>>> = {
  PREPARE: makePool,
  MERGE: makeSmallerTrainingSet,
}

/**
 * Makes the dataset versions that a run of a step needs.
 * @returns parameters of the run that name them
 * @throws what the graph refuses
 */
export async function madeFirst(step: IterationStepName, asked: Asked): Promise<Parameters> {
  return (await makers[step]?.(asked)) ?? {}
}

async function makePool({ client, parameters, draft: { more, sample } }: Asked): Promise<Parameters> {
  if (more.length === 0 && sample === undefined) return {}
  const excludeVersionIds = idsOf(parameters.excludeVersionIds)
  const pool = String(parameters.versionId)
  const merged = more.length > 0 ? await merge(client, [pool, ...more]) : pool
  if (sample === undefined) return { versionId: merged, excludeVersionIds }
  const left = await exclude(client, merged, excludeVersionIds)
  return { versionId: await draw(client, left, sample), excludeVersionIds }
}

async function makeSmallerTrainingSet({ client, round, parameters, draft }: Asked): Promise<Parameters> {
  if (draft.removed.length === 0) return {}
  const base = round.trainingVersion.id
  const smaller = await exclude(client, base, [...draft.removed])
  return { versionIds: idsOf(parameters.versionIds).map((id) => (id === base ? smaller : id)) }
}

async function merge(client: ApolloClient, versionIds: string[]): Promise<string> {
  const input = { versionIds, conflicts: 'FIRST_WINS' as const }
  const { data } = await client.mutate({ mutation: MergeForIterationDocument, variables: { input } })
  return data!.mergeVersions.version.id // what is refused is thrown
}

async function exclude(
  client: ApolloClient,
  versionId: string,
  excludeVersionIds: string[],
): Promise<string> {
  const input = { versionId, excludeVersionIds }
  const { data } = await client.mutate({ mutation: ExcludeForIterationDocument, variables: { input } })
  return data!.excludeVersions.version.id // what is refused is thrown
}

async function draw(client: ApolloClient, versionId: string, count: number): Promise<string> {
  const input = { versionId, count }
  const { data } = await client.mutate({ mutation: SampleForIterationDocument, variables: { input } })
  return data!.sampleVersion.version.id // what is refused is thrown
}

/** A JSON value of the graph that is a list of ids. */
export function idsOf(json: unknown): string[] {
  return Array.isArray(json) ? json.filter((id): id is string => typeof id === 'string') : []
}
