import { writeJsonLines } from '@ymir/blobs'
import { DatasetVersionRequestedSchema } from '@ymir/proto-events'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { In } from 'typeorm'
import type { Parts } from '../chores.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { sourceOf } from '../item/source.ts'
import { LabellingTaskRow } from './labelling-task.entity.ts'
import { lockTask } from './labelling-task.ts'

const readAtOnce = 1_000

/**
 * Has the answers of finished tasks made dataset versions: writes them to a blob and asks the dataset service. While a
 * task is STORING its items do not change, so what was cut off is written again and gives the same blob.
 */
export class Storing {
  private readonly chore = new Chore('storing labelling results', () => this.storeWaiting())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly parts: Parts) {}

  private async storeWaiting(): Promise<void> {
    const tasks = this.parts.database.getRepository(LabellingTaskRow)
    const waiting = await tasks.findBy({ state: 'STORING', resultRequested: false })
    await forEachEvenIfSomeFail(waiting, (task) => this.store(task))
  }

  private async store(finished: LabellingTaskRow): Promise<void> {
    const { database, bus, blobs } = this.parts
    const { id, resultVersionId } = finished
    const { sha256, size } = await writeJsonLines(blobs, this.answersOf(finished))
    await database.transaction(async (manager) => {
      const task = await lockTask(manager, id)
      const isWanted = task?.state === 'STORING' && task.resultVersionId === resultVersionId
      if (!isWanted || !task.resultVersionId || task.resultRequested) return
      task.resultRequested = true
      await manager.save(task)
      await bus.emit(manager, DatasetVersionRequestedSchema, {
        projectId: task.projectId,
        versionId: task.resultVersionId,
        datasetName: task.name,
        operation: {
          case: 'labelled',
          value: {
            versionId: task.versionId,
            annotations: { sha256, size: BigInt(size) },
            labellingTaskId: task.id,
          },
        },
        actorId: task.createdBy,
      })
    })
  }

  /** One line for each labelled image, in the order of the version; without skipped and unanswered ones, gold and second answers. */
  private async *answersOf(task: LabellingTaskRow) {
    const items = this.parts.database.getRepository(LabellingItemRow)
    for (let next = 0; ;) {
      const page = await items
        .createQueryBuilder('item')
        .where({ taskId: task.id, state: In(['LABELLED', 'ACCEPTED']), inResult: true })
        .andWhere('item.position >= :next', { next })
        .orderBy('item.position')
        .take(readAtOnce)
        .getMany()
      for (const item of page) {
        const drawn = item.annotations.map((one) => ({ ...one, source: sourceOf(one, item, task) }))
        yield { assetId: item.assetId, annotations: [...item.keptAnnotations, ...drawn] }
      }
      const last = page.at(-1)
      if (!last || page.length < readAtOnce) return
      next = last.position + 1
    }
  }
}
