import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { In, type DataSource } from 'typeorm'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { digestOf, recordResults, type VendorResult } from '../vendor/results.ts'
import { ConnectorItemRow, ConnectorTaskRow, type ConnectorRow } from './connector.entity.ts'
import { decide, isToDo, revisionOf } from './decision.ts'
import { imageFiles } from './image-file.ts'
import { ToolProblem, type ConnectedTask, type RemoteAnswer, type SeenItem, type Tool } from './tool.ts'
import { hookAddress } from './tools.ts'

const storedAtOnce = 500

export interface Reconciling {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Pick<Blobs, 'get'>
  /** What the tool's webhooks prove themselves with. */
  readonly secret: string
  /** Says that it goes on. @throws Error when it is to stop */
  readonly goOn: () => Promise<void>
  /** Told after the commit of results. */
  readonly onResults: (task: LabellingTaskRow) => void
}

/** What came of it. */
export interface Reconciled {
  /** The tool is still taking in what it was sent. */
  readonly isUnderWay: boolean
  /** What does not hold up the rest; null: nothing. */
  readonly problem: string | null
}

type Link = Pick<ConnectorItemRow, 'itemId' | 'remoteId' | 'reopenedRevision' | 'isReopened' | 'problem'>

interface Linked {
  readonly item: SeenItem
  readonly link: Link
}

/**
 * Makes a task in a tool and our record of it agree: what is missing there is sent, what is finished there is recorded,
 * what was sent back is reopened. It compares, and believes no message: done again, it changes nothing.
 */
export async function reconcile(
  parts: Reconciling,
  connector: ConnectorRow,
  tool: Tool,
  row: ConnectorTaskRow,
): Promise<Reconciled> {
  const task = await seenTask(parts.database, row.taskId)
  return new Reconciliation(parts, connector, tool, row, task).run()
}

class Reconciliation {
  private readonly own: { readonly connectorId: string; readonly taskId: string }
  private projectId = ''
  private isHooked: boolean

  constructor(
    private readonly parts: Reconciling,
    private readonly connector: ConnectorRow,
    private readonly tool: Tool,
    private readonly row: ConnectorTaskRow,
    private readonly task: ConnectedTask,
  ) {
    this.own = { connectorId: connector.id, taskId: row.taskId }
    this.isHooked = row.isHooked
  }

  async run(): Promise<Reconciled> {
    await this.open()
    const isUnderWay = await this.sendMissing()
    const problem = this.isHooked ? null : await this.hook()
    await this.collect()
    return { isUnderWay, problem }
  }

  /** A project that somebody has deleted in the tool is made anew, with all its images. */
  private async open(): Promise<void> {
    const { remoteId } = this.row
    if (remoteId && (await this.tool.has(remoteId))) return void (this.projectId = remoteId)
    if (remoteId) await this.links.delete(this.own)
    this.projectId = await this.tool.open(this.task)
    this.isHooked = false
    await this.remember({ remoteId: this.projectId, isHooked: false })
  }

  /** @returns whether the tool has yet to take in what it was sent */
  private async sendMissing(): Promise<boolean> {
    const { tool, projectId, task } = this
    const missing = await this.missing()
    if (!missing.length) return false
    const found = await tool.found(projectId, task, missing)
    for (let at = 0; at < found.length; at += storedAtOnce)
      await this.links
        .createQueryBuilder()
        .insert()
        .values(found.slice(at, at + storedAtOnce).map((one) => ({ ...this.own, ...one, isReopened: false })))
        .orIgnore()
        .execute()
    const there = new Set(found.map(({ itemId }) => itemId))
    const rest = missing.filter(({ id }) => !there.has(id))
    if (rest.length) await tool.send(projectId, task, this.goingOn(imageFiles(this.parts.blobs, rest)))
    return rest.length > 0
  }

  /** Images to be labelled of which we do not know that they are there. */
  private missing(): Promise<LabellingItemRow[]> {
    return this.parts.database
      .getRepository(LabellingItemRow)
      .createQueryBuilder('item')
      .leftJoin(
        ConnectorItemRow,
        'link',
        'link.itemId = item.id and link.connectorId = :connectorId',
        this.own,
      )
      .where(`item.taskId = :taskId and item.state in ('WAITING', 'SENT_BACK', 'CLAIMED')`, this.own)
      .andWhere('link.itemId is null')
      .orderBy('item.position')
      .getMany()
  }

  private async *goingOn<T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const batch of batches) {
      await this.parts.goOn()
      yield batch
    }
  }

  /** @returns why the tool cannot call us; it is asked all the same, and this tried again */
  private async hook(): Promise<string | null> {
    const address = hookAddress(this.connector)
    try {
      if (address) await this.tool.hook(this.projectId, address, this.parts.secret)
    } catch (error) {
      if (!(error instanceof ToolProblem)) throw error
      return `it says nothing of itself, and is only asked: ${error.message}`
    }
    await this.remember({ isHooked: true })
    return null
  }

  private async collect(): Promise<void> {
    const links = new Map<string, Link>((await this.links.findBy(this.own)).map((one) => [one.itemId, one]))
    const [there, answered] = [new Set<string>(), new Set<string>()]
    const again: Linked[] = []
    for await (const sight of this.tool.look(this.projectId, this.task)) {
      await this.parts.goOn()
      for (const itemId of sight.there) there.add(itemId)
      const results: VendorResult[] = []
      for (const answer of sight.answers) {
        const [item, link] = [this.task.items.get(answer.itemId), links.get(answer.itemId)]
        if (!item || !link || answered.has(item.id)) continue // one that was made twice there counts once
        answered.add(item.id)
        const decision = answer.problem ? 'NOTHING' : decide(item, link, digestOf(answer))
        if (decision === 'RECORD') results.push(resultOf(answer, item))
        else await this.note(link, { problem: answer.problem })
        if (decision === 'REOPEN') again.push({ item, link })
      }
      if (results.length) await this.record(results, links)
    }
    const unanswered = [...links.values()].flatMap((link): Linked[] => {
      const item = this.task.items.get(link.itemId)
      return item && !answered.has(item.id) ? [{ item, link }] : []
    })
    again.push(...(await this.unfinished(unanswered, there)))
    if (again.length) await this.reopen(again)
  }

  private async record(results: readonly VendorResult[], links: ReadonlyMap<string, Link>): Promise<void> {
    const { database, bus, onResults } = this.parts
    const recorded = await recordResults({ database, bus }, this.connector.vendorId, this.task.id, results)
    for (const { itemId, problem } of recorded.outcomes) {
      const link = links.get(itemId)
      const isTooLate = problem && recorded.task.state !== 'OPEN'
      if (link && !isTooLate) await this.note(link, problem ? { problem } : done)
    }
    onResults(recorded.task)
  }

  /** @returns of the images that nobody has finished in the tool those that are to be reopened there */
  private async unfinished(unanswered: readonly Linked[], there: ReadonlySet<string>): Promise<Linked[]> {
    const again: Linked[] = []
    for (const { item, link } of unanswered) {
      if (!isToDo(item)) continue
      // somebody has deleted it there: the next look sends it again
      if (!there.has(item.id)) await this.links.delete({ connectorId: this.connector.id, itemId: item.id })
      // begun, and not finished there: the tool has reopened it, though its answer was lost
      else if (link.reopenedRevision === revisionOf(item)) await this.note(link, { isReopened: true })
      else if (item.state === 'SENT_BACK' && item.vendorAnswer !== null) again.push({ item, link })
    }
    return again
  }

  /** What is begun is noted first: an answer that stands there until the tool has reopened it is not taken again. */
  private async reopen(again: readonly Linked[]): Promise<void> {
    for (const { item, link } of again)
      await this.note(link, { reopenedRevision: revisionOf(item), isReopened: false })
    const sentBack = again.map(({ item, link: { remoteId } }) => ({
      ...{ itemId: item.id, remoteId, comment: item.comment ?? '', revision: revisionOf(item) },
    }))
    await this.tool.reopen(this.projectId, this.task, sentBack)
    const ids = again.map(({ item }) => item.id)
    await this.links.update({ connectorId: this.connector.id, itemId: In(ids) }, { isReopened: true })
  }

  private async note(link: Link, change: Partial<Link>): Promise<void> {
    const now = { ...link, ...change }
    const isSame =
      now.problem === link.problem &&
      now.reopenedRevision === link.reopenedRevision &&
      now.isReopened === link.isReopened
    if (isSame) return
    await this.links.update({ connectorId: this.connector.id, itemId: link.itemId }, change)
  }

  private async remember(change: Partial<Pick<ConnectorTaskRow, 'remoteId' | 'isHooked'>>): Promise<void> {
    await this.parts.database.getRepository(ConnectorTaskRow).update(this.own, change)
  }

  private get links() {
    return this.parts.database.getRepository(ConnectorItemRow)
  }
}

const done = { problem: null, reopenedRevision: null, isReopened: false }

function resultOf({ problem: _, ...answer }: RemoteAnswer, item: SeenItem): VendorResult {
  return { ...answer, revision: revisionOf(item) + 1 }
}

/** A task with its images as they are now. */
async function seenTask(database: DataSource, id: string): Promise<ConnectedTask> {
  const { name, classes } = await database.getRepository(LabellingTaskRow).findOneByOrFail({ id })
  const items: SeenItem[] = await database.getRepository(LabellingItemRow).find({
    where: { taskId: id },
    select: {
      ...{ id: true, width: true, height: true },
      ...{ state: true, comment: true, vendorRevision: true, vendorAnswer: true },
    },
  })
  return { id, name, classes, items: new Map(items.map((item) => [item.id, item])) }
}
