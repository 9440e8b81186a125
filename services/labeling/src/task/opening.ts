import { randomUUID } from 'node:crypto'
import { readJsonLines, type BlobRef } from '@ymir/blobs'
import { DomainError, notFound } from '@ymir/graphql'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { IsNull, type DataSource, type EntityManager } from 'typeorm'
import { AutomaticLabellerRow } from '../automatic-labeller/automatic-labeller.entity.ts'
import type { Parts } from '../chores.ts'
import { asDrawn, type Prediction } from '../item/annotation.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { disguise, knownAnswerOf, mixtureOf, type Mixture } from '../quality/gold.ts'
import { tellVendor } from '../vendor/telling.ts'
import { LabellingTaskRow } from './labelling-task.entity.ts'
import { lockTask, noteProgress } from './labelling-task.ts'
import { orFail } from './or-fail.ts'
import { inGroups, readVersion, type ManifestAnnotation, type ManifestLine } from './version.ts'

const storedAtOnce = 1_000

/** As jobs write it, or as prediction sets are stored. */
type PredictionLine = { readonly assetId: string } & (
  { readonly annotations: readonly Prediction[] } | { readonly predictions: readonly Prediction[] }
)

/**
 * Gives open tasks their items: reads the version's manifest, and the pre-annotations. A task whose items are not there
 * after a crash is read again.
 */
export class Opening {
  private readonly chore = new Chore('reading the images of labelling tasks', () => this.openWaiting())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  /** @param opened called when a task has its items */
  constructor(
    private readonly parts: Parts,
    private readonly opened: (task: LabellingTaskRow) => void,
  ) {}

  private async openWaiting(): Promise<void> {
    const tasks = this.parts.database.getRepository(LabellingTaskRow)
    const waiting = await tasks.find({
      where: { state: 'OPEN', itemCount: IsNull() },
      order: { createdAt: 'ASC' },
    })
    await forEachEvenIfSomeFail(waiting, (task) => orFail(this.parts, task, () => this.open(task)))
  }

  private async open(asked: LabellingTaskRow): Promise<void> {
    const { database, graph, blobs } = this.parts
    await checkTask(database, asked)
    const mixture = await mixtureOf(this.parts, asked)
    const manifest = await readVersion(graph, blobs, asked)
    const opened = await database.transaction((manager) => this.fill(manager, asked.id, manifest, mixture))
    if (opened) this.opened(opened)
  }

  /** @returns the task with its items; undefined when it was cancelled or filled meanwhile */
  private async fill(
    manager: EntityManager,
    taskId: string,
    manifest: AsyncIterable<ManifestLine>,
    mixture: Mixture | undefined,
  ): Promise<LabellingTaskRow | undefined> {
    const task = await lockTask(manager, taskId)
    if (task?.state !== 'OPEN' || task.itemCount !== null) return undefined
    let own = 0
    for await (const lines of inGroups(manifest, storedAtOnce)) {
      const first = own
      await manager.insert(
        LabellingItemRow,
        lines.flatMap((line, index) => itemsOf(line, first + index, task, mixture)),
      )
      own += lines.length
    }
    if (!own)
      throw new DomainError('BAD_USER_INPUT', `dataset version ${task.versionId} has no images to label`)
    const gold = mixture?.gold ?? []
    if (mixture && gold.length)
      await manager.insert(
        LabellingItemRow,
        gold.map((line, index) => goldItemOf(line, mixture.mix.gold[index]!, task)),
      )
    if (task.predictions) await this.addPredictions(manager, task, task.predictions)
    if (mixture) await disguise(manager, task, mixture.gold)
    task.goldCount = gold.length
    task.itemCount = own + gold.length + (mixture?.mix.second.size ?? 0)
    await manager.save(task)
    await noteProgress(manager, this.parts.bus, task)
    await tellVendor(manager, task)
    return task
  }

  private async addPredictions(
    manager: EntityManager,
    { id, classes }: LabellingTaskRow,
    { sha256 }: BlobRef,
  ): Promise<void> {
    const { blobs } = this.parts
    if (!(await blobs.has(sha256)))
      throw new DomainError('NOT_FOUND', `the pre-annotations ${sha256} are not in the blob store`)
    const lines = readJsonLines<PredictionLine>(blobs.read(sha256))
    for await (const group of inGroups(lines, storedAtOnce)) {
      const predictions = group.map((line) => ({
        asset_id: line.assetId,
        predictions: ('predictions' in line ? line.predictions : line.annotations)
          .filter(({ label }) => classes.includes(label))
          .map(({ label, box, score }) => ({ label, box, score }))
          .sort((one, other) => other.score - one.score),
      }))
      await manager.query(
        `update labelling_items as item set predictions = given.predictions
           from jsonb_to_recordset($2::jsonb) as given (asset_id text, predictions jsonb)
          where item.task_id = $1 and item.asset_id = given.asset_id`,
        [id, JSON.stringify(predictions)],
      )
    }
  }
}

/** @throws DomainError when a task cannot be worked on, whatever its version holds */
async function checkTask(database: DataSource, task: LabellingTaskRow): Promise<void> {
  if (!task.classes.length)
    throw new DomainError('BAD_USER_INPUT', 'the task names no classes: say what is to be labelled')
  const { automaticLabellerId: id, projectId } = task
  if (id && !(await database.getRepository(AutomaticLabellerRow).existsBy({ id, projectId })))
    throw notFound('automatic labeller in this project', id)
}

/** An image of the version: one item, or two where it is to be answered twice. */
function itemsOf(line: ManifestLine, index: number, task: LabellingTaskRow, mixture: Mixture | undefined) {
  const existing = task.keepAnnotations ? line.annotations : []
  const isDrawn = ({ label }: ManifestAnnotation) => task.classes.includes(label)
  const start = {
    annotations: existing.filter(isDrawn).map(asDrawn),
    keptAnnotations: existing.filter((annotation) => !isDrawn(annotation)),
  }
  const first = { ...itemAt(mixture?.mix.own[index] ?? index, line, task), ...start }
  const second = mixture?.mix.second.get(index)
  if (second === undefined) return [first]
  return [first, { ...itemAt(second, line, task), ...start, inResult: false }]
}

function goldItemOf(line: ManifestLine, position: number, task: LabellingTaskRow) {
  const known = knownAnswerOf(line, task)
  const start = { annotations: [], keptAnnotations: [] }
  return { ...itemAt(position, line, task), ...start, inResult: false, knownAnnotations: known }
}

function itemAt(position: number, { assetId, width, height }: ManifestLine, { id }: LabellingTaskRow) {
  return { id: randomUUID(), taskId: id, position, assetId, width, height, state: 'WAITING' as const }
}
