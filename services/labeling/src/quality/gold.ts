import { boxAround, clipBox, seededRandom } from '@ymir/detection'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import type { Parts } from '../chores.ts'
import { asDrawn, type Annotation, type Prediction } from '../item/annotation.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { readVersion, type ManifestLine } from '../task/version.ts'
import { oneOf, withFlaws } from './flaws.ts'
import { chooseInOrder, mix, type Mix } from './mixing.ts'

/** What is mixed in among the images of a version. */
export interface Mixture {
  /** Images with known answers; each has its place in `mix.gold`. */
  readonly gold: readonly ManifestLine[]
  readonly mix: Mix
}

type Reading = Pick<Parts, 'graph' | 'blobs'>

/**
 * Draws the gold images of a task and the places of all that is mixed in, the same each time; undefined when nothing is.
 * An image of the version that is labelled, or one without an object of the task's classes, is never gold.
 * @throws DomainError NOT_FOUND, BAD_USER_INPUT when no image can be gold
 */
export async function mixtureOf(parts: Reading, task: LabellingTaskRow): Promise<Mixture | undefined> {
  const { goldVersionId, goldCount, overlap } = task
  if (!goldVersionId && overlap === 0) return undefined
  const random = randomOf(task)
  const candidates = goldVersionId ? await goldCandidates(parts, task, goldVersionId) : []
  let own = 0
  const left = new Set(candidates)
  for await (const { assetId } of await readVersion(parts.graph, parts.blobs, task)) {
    left.delete(assetId)
    own++
  }
  if (goldVersionId && !left.size)
    throw new DomainError(
      'BAD_USER_INPUT',
      `no image of dataset version ${goldVersionId} can be gold: each is in the version to label, or has nothing of the task's classes; choose another version`,
    )
  const usable = candidates.filter((id) => left.has(id))
  const chosen = new Set(chooseInOrder(usable.length, goldCount, random).map((index) => usable[index]!))
  const gold = goldVersionId ? await linesOf(parts, task, goldVersionId, chosen) : []
  return { gold, mix: mix({ own, gold: gold.length, overlap }, random) }
}

async function goldCandidates(
  { graph, blobs }: Reading,
  { projectId, classes }: LabellingTaskRow,
  versionId: string,
): Promise<string[]> {
  const ids: string[] = []
  for await (const { assetId, annotations } of await readVersion(graph, blobs, { projectId, versionId }))
    if (annotations.some(({ label, crowd }) => classes.includes(label) && !crowd)) ids.push(assetId)
  return ids
}

async function linesOf(
  { graph, blobs }: Reading,
  { projectId }: LabellingTaskRow,
  versionId: string,
  wanted: ReadonlySet<string>,
): Promise<ManifestLine[]> {
  const lines: ManifestLine[] = []
  for await (const line of await readVersion(graph, blobs, { projectId, versionId }))
    if (wanted.has(line.assetId)) lines.push(line)
  return lines
}

/** The known answer to an image: its annotations of the task's classes. */
export function knownAnswerOf({ annotations }: ManifestLine, { classes }: LabellingTaskRow): Annotation[] {
  return annotations.filter(({ label }) => classes.includes(label)).map(asDrawn)
}

/**
 * Gives the gold images of a task, which has all its items, a start like that of the others: as many of them as of the
 * others begin with annotations, kept ones and predictions. Predictions that the set has of them stay.
 */
export async function disguise(
  manager: EntityManager,
  task: LabellingTaskRow,
  gold: readonly ManifestLine[],
): Promise<void> {
  const shares = await sharesOf(manager, task.id)
  const random = randomOf(task)
  const scores = await someScores(manager, task.id)
  const lines = new Map(gold.map((line) => [line.assetId, line]))
  const items = await manager
    .getRepository(LabellingItemRow)
    .createQueryBuilder('item')
    .where('item.taskId = :taskId and item.knownAnnotations is not null', { taskId: task.id })
    .orderBy('item.position')
    .getMany()
  for (const item of items) {
    const flawed = () => withFlaws(item.knownAnnotations ?? [], item, task.classes, random)
    const kept = lines.get(item.assetId)?.annotations.filter(({ label }) => !task.classes.includes(label))
    if (random() < shares.annotations) item.annotations = flawed()
    if (random() < shares.kept) item.keptAnnotations = kept ?? []
    if (!item.predictions.length && scores.length && random() < shares.predictions)
      item.predictions = flawed()
        .map((one): Prediction => {
          const box = clipBox(boxAround(one), item) // what a model finds is not turned
          return { label: one.label, box, score: oneOf(scores, random) }
        })
        .sort((one, other) => other.score - one.score)
    await manager.save(item)
  }
}

interface StartShares {
  readonly annotations: number
  readonly kept: number
  readonly predictions: number
}

/** Of the version's images: how many have something of each kind to start from, 0 to 1. */
async function sharesOf(manager: EntityManager, taskId: string): Promise<StartShares> {
  const [shares]: [StartShares] = await manager.query(
    `select avg((annotations <> '[]')::integer)::float8 as annotations,
            avg((kept_annotations <> '[]')::integer)::float8 as kept,
            avg((predictions <> '[]')::integer)::float8 as predictions
       from labelling_items where task_id = $1 and in_result`,
    [taskId],
  )
  return shares
}

/** Scores that a model gave to boxes in the task's images. */
async function someScores(manager: EntityManager, taskId: string): Promise<number[]> {
  const rows: { score: number }[] = await manager.query(
    `select (found->>'score')::float8 as score
       from labelling_items, jsonb_array_elements(predictions) as found
      where task_id = $1 and in_result order by position limit 1000`,
    [taskId],
  )
  return rows.map(({ score }) => score)
}

function randomOf({ mixingSeed }: LabellingTaskRow): () => number {
  return seededRandom(Number(mixingSeed ?? 0)) // below 2^48
}
