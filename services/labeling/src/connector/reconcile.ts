import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { In, type DataSource } from 'typeorm'
import { LabellingItemRow } from '../item/labelling-item.entity.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { digestOf, mostResults, recordResults, type VendorResult } from '../vendor/results.ts'
import { ConnectorItemRow, ConnectorTaskRow, type ConnectorRow } from './connector.entity.ts'
import { decide, revisionOf } from './decision.ts'
import { imageFiles } from './image-file.ts'
import type { ConnectedTask, RemoteAnswer, SeenItem, SentBack, Tool } from './tool.ts'
import { hookAddress } from './tools.ts'

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

type Link = Pick<ConnectorItemRow, 'itemId' | 'remoteId' | 'reopenedRevision' | 'isReopened' | 'problem'>

/**
 * Makes a task in a tool and our record of it agree: what is missing there is sent, what is finished there is recorded,
 * what was sent back is reopened. It compares, and believes no message: done again, it changes nothing.
 * @returns whether the tool is still taking in what it was sent
 */
export async function reconcile(
  { database, bus, blobs, secret, goOn, onResults }: Reconciling,
  connector: ConnectorRow,
  tool: Tool,
  row: ConnectorTaskRow,
): Promise<{ isUnderWay: boolean }> {
  const own = { connectorId: connector.id, taskId: row.taskId }
  const links = database.getRepository(ConnectorItemRow)
  const task = await seenTask(database, row.taskId)
  let { isHooked } = row
  const projectId = await opened()
  const isUnderWay = await sendMissing()
  if (!isHooked) await hook()
  await collect()
  return { isUnderWay }

  /** One that somebody has deleted in the tool is made anew, with all its images. */
  async function opened(): Promise<string> {
    if (row.remoteId && (await tool.has(row.remoteId))) return row.remoteId
    if (row.remoteId) await links.delete(own)
    const remoteId = await tool.open(task)
    await database.getRepository(ConnectorTaskRow).update(own, { remoteId, isHooked: false })
    isHooked = false
    return remoteId
  }

  /** @returns whether there is more to send, or the tool still takes it in */
  async function sendMissing(): Promise<boolean> {
    const missing: LabellingItemRow[] = await database
      .getRepository(LabellingItemRow)
      .createQueryBuilder('item')
      .where(`item.taskId = :taskId and item.state in ('WAITING', 'SENT_BACK', 'CLAIMED')`, own)
      .andWhere(
        `not exists (select from connector_items as link where link.item_id = item.id and link.connector_id = :connectorId)`,
        own,
      )
      .orderBy('item.position')
      .getMany()
    if (!missing.length) return false
    const found = await tool.found(projectId, task, missing)
    for (let at = 0; at < found.length; at += mostResults)
      await links
        .createQueryBuilder()
        .insert()
        .values(found.slice(at, at + mostResults).map((one) => ({ ...own, ...one, isReopened: false })))
        .orIgnore()
        .execute()
    const there = new Set(found.map(({ itemId }) => itemId))
    const rest = missing.filter(({ id }) => !there.has(id))
    if (rest.length) await tool.send(projectId, task, beatenWith(imageFiles(blobs, rest)))
    return rest.length > 0
  }

  async function* beatenWith<T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const batch of batches) {
      await goOn()
      yield batch
    }
  }

  async function hook(): Promise<void> {
    const address = hookAddress(connector)
    if (address) await tool.hook(projectId, address, secret)
    await database.getRepository(ConnectorTaskRow).update(own, { isHooked: true })
  }

  async function collect(): Promise<void> {
    const known = new Map<string, Link>((await links.findBy(own)).map((link) => [link.itemId, link]))
    const [there, answered] = [new Set<string>(), new Set<string>()]
    const again: { readonly item: SeenItem; readonly link: Link }[] = []
    for await (const { there: some, answers } of tool.look(projectId, task)) {
      await goOn()
      for (const itemId of some) there.add(itemId)
      const results: VendorResult[] = []
      for (const answer of answers) {
        const [item, link] = [task.items.get(answer.itemId), known.get(answer.itemId)]
        if (!item || !link || answered.has(item.id)) continue // one that was made twice there counts once
        answered.add(item.id)
        const decision = answer.problem ? 'NOTHING' : decide(item, link, digestOf(answer))
        if (decision === 'REOPEN') again.push({ item, link })
        if (decision === 'RECORD') results.push(resultOf(answer, item))
        else await remember(link, { problem: answer.problem })
      }
      await record(results, known)
    }
    for (const link of known.values()) {
      const item = task.items.get(link.itemId)
      if (!item || answered.has(item.id)) continue
      // somebody has deleted it there: the next look sends it again
      if (!there.has(item.id) && isToDo(item)) {
        await links.delete({ connectorId: connector.id, itemId: item.id })
        continue
      }
      // begun, and not finished there: the tool has reopened it, though its answer was lost
      if (link.reopenedRevision === revisionOf(item)) await remember(link, { isReopened: true })
      else if (item.state === 'SENT_BACK' && item.vendorAnswer !== null) again.push({ item, link })
    }
    await reopen(again)
  }

  async function record(results: readonly VendorResult[], known: ReadonlyMap<string, Link>): Promise<void> {
    for (let at = 0; at < results.length; at += mostResults) {
      const some = results.slice(at, at + mostResults)
      const recorded = await recordResults({ database, bus }, connector.vendorId, row.taskId, some)
      for (const { itemId, problem } of recorded.outcomes) {
        const link = known.get(itemId)
        if (link) await remember(link, problem ? { problem } : done)
      }
      onResults(recorded.task)
    }
  }

  /** What is begun is remembered first: an answer that stands there until the tool has reopened it is not taken again. */
  async function reopen(again: readonly { readonly item: SeenItem; readonly link: Link }[]): Promise<void> {
    if (!again.length) return
    const sentBack: SentBack[] = []
    for (const { item, link } of again) {
      const revision = revisionOf(item)
      await remember(link, { reopenedRevision: revision, isReopened: false })
      sentBack.push({ itemId: item.id, remoteId: link.remoteId, comment: item.comment ?? '', revision })
    }
    await tool.reopen(projectId, task, sentBack)
    await links.update(
      { connectorId: connector.id, itemId: In(again.map(({ item }) => item.id)) },
      { isReopened: true },
    )
  }

  async function remember(link: Link, change: Partial<Link>): Promise<void> {
    const isSame = Object.entries(change).every(([key, value]) => link[key as keyof Link] === value) // of the change itself
    if (!isSame) await links.update({ connectorId: connector.id, itemId: link.itemId }, change)
  }
}

const isToDo = ({ state }: SeenItem) => state === 'WAITING' || state === 'SENT_BACK' || state === 'CLAIMED'

const done = { problem: null, reopenedRevision: null, isReopened: false }

function resultOf({ itemId, annotations, skipReason }: RemoteAnswer, item: SeenItem): VendorResult {
  return { itemId, revision: revisionOf(item) + 1, annotations, skipReason }
}

/** A task with its images as they are now. */
async function seenTask(database: DataSource, id: string): Promise<ConnectedTask> {
  const { name, classes } = await database.getRepository(LabellingTaskRow).findOneByOrFail({ id })
  const items: SeenItem[] = await database.getRepository(LabellingItemRow).find({
    where: { taskId: id },
    select: {
      ...{ id: true, position: true, width: true, height: true },
      ...{ state: true, comment: true, vendorRevision: true, vendorAnswer: true },
    },
  })
  return { id, name, classes, items: new Map(items.map((item) => [item.id, item])) }
}
