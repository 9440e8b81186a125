import { DomainError } from '@ymir/graphql'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { In, IsNull, Not } from 'typeorm'
import type { Parts } from '../chores.ts'
import { asDrawn } from '../item/annotation.ts'
import { labelled, recordAnswers, skipped, type Answer } from '../item/answer.ts'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { moveItem } from '../item/state.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { lockTask } from '../task/labelling-task.ts'
import { orFail } from '../task/or-fail.ts'
import { inGroups, readVersion, type ManifestLine } from '../task/version.ts'
import { AutomaticLabellerRow } from './automatic-labeller.entity.ts'

const answeredAtOnce = 500

/**
 * Answers the tasks that have an automatic labeller from its hidden ground truth, group by group, as a person would:
 * claims, then submits or skips. Items that were answered before a crash stay answered.
 */
export class Answering {
  private readonly chore = new Chore('answering labelling tasks', () => this.answerWaiting())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  /** @param answered called after each group */
  constructor(
    private readonly parts: Parts,
    private readonly answered: (task: LabellingTaskRow) => void,
  ) {}

  private async answerWaiting(): Promise<void> {
    const tasks = this.parts.database.getRepository(LabellingTaskRow)
    const open = await tasks.find({
      where: { state: 'OPEN', automaticLabellerId: Not(IsNull()), itemCount: Not(IsNull()) },
      order: { createdAt: 'ASC' },
    })
    await forEachEvenIfSomeFail(open, (task) => orFail(this.parts, task, () => this.answerTask(task)))
  }

  private async answerTask(task: LabellingTaskRow): Promise<void> {
    const { database, graph, blobs } = this.parts
    const unanswered = await this.assetsToAnswer(task.id)
    if (!unanswered.size) return
    const labellers = database.getRepository(AutomaticLabellerRow)
    const labeller = await labellers.findOneByOrFail({ id: task.automaticLabellerId ?? '' })
    const groundTruth = await readVersion(graph, blobs, labeller)
    for await (const lines of inGroups(only(groundTruth, unanswered), answeredAtOnce)) {
      if (!(await this.answer(task.id, lines))) return
      for (const { assetId } of lines) unanswered.delete(assetId)
    }
    const unknown = [...unanswered].map((assetId) => ({ assetId, annotations: undefined }))
    for await (const group of inGroups(unknown, answeredAtOnce))
      if (!(await this.answer(task.id, group))) return
  }

  private async assetsToAnswer(taskId: string): Promise<Set<string>> {
    const rows: { asset_id: string }[] = await this.parts.database.query(
      `select asset_id from labelling_items where task_id = $1 and state in ('WAITING', 'SENT_BACK')`,
      [taskId],
    )
    return new Set(rows.map((row) => row.asset_id))
  }

  /** Answers some images in one transaction. @returns whether the task is still open */
  private async answer(taskId: string, truths: readonly GroundTruth[]): Promise<boolean> {
    const { database, bus } = this.parts
    const byAsset = new Map(truths.map((truth) => [truth.assetId, truth]))
    const task = await database.transaction(async (manager) => {
      const locked = await lockTask(manager, taskId)
      if (locked?.state !== 'OPEN') return undefined
      const items = await manager.find(LabellingItemRow, {
        where: { taskId, assetId: In([...byAsset.keys()]), state: In(['WAITING', 'SENT_BACK']) },
        order: { position: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      })
      if (!items.length) return locked
      const answers = items.map((item) => {
        moveItem(item, 'CLAIMED')
        return { item, answer: answerOf(byAsset.get(item.assetId), item, locked) }
      })
      await recordAnswers(manager, bus, locked, answers, null)
      return locked
    })
    if (task) this.answered(task)
    return task?.state === 'OPEN'
  }
}

interface GroundTruth {
  readonly assetId: string
  /** Undefined: the labeller does not know the image. */
  readonly annotations: ManifestLine['annotations'] | undefined
}

function answerOf(truth: GroundTruth | undefined, item: LabellingItemRow, task: LabellingTaskRow): Answer {
  if (!truth?.annotations) return skipped('the automatic labeller does not know this image')
  const drawn = truth.annotations.filter(({ label }) => task.classes.includes(label)).map(asDrawn)
  try {
    return labelled(drawn, item, task)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return skipped(`the automatic labeller gave a wrong answer: ${error.message}`)
  }
}

async function* only(lines: AsyncIterable<ManifestLine>, wanted: ReadonlySet<string>) {
  for await (const line of lines) if (wanted.has(line.assetId)) yield line
}
