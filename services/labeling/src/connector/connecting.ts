import { Chore, log, type Cipher } from '@ymir/service'
import type { Parts } from '../chores.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import type { Outward } from '../vendor/outward.ts'
import { ConnectorRow, ConnectorTaskRow } from './connector.entity.ts'
import {
  addTasks,
  askToLook,
  closed,
  lookedAt,
  lookFailed,
  release,
  stillLooking,
  takeDue,
  type Due,
} from './due.ts'
import { reconcile } from './reconcile.ts'
import { ToolProblem } from './tool.ts'
import { toolOf } from './tools.ts'

/** Tools that are spoken to at once. */
const mostAtOnce = 8
const lookEveryMs = 2_000

export interface ConnectingParts extends Pick<Parts, 'database' | 'bus' | 'blobs'> {
  readonly cipher: Cipher
  readonly outward: Pick<Outward, 'send'>
  /** How often each task is compared with its tool when nobody says that there is something new. */
  readonly pollSeconds: number
  /** Told after the commit of results. */
  readonly onResults: (task: LabellingTaskRow) => void
}

/**
 * Takes the open tasks of connected vendors through their labelling tools. What is to be looked at, and when, stands in the
 * database: it survives restarts, and several processes share the work.
 */
export class Connecting {
  private readonly chore = new Chore('looking into labelling tools', () => this.lookAtDue())
  private readonly looks = new Set<Promise<void>>()
  private readonly asked = new Set<string>()
  private timer: NodeJS.Timeout | undefined
  private readonly ending = new AbortController()

  constructor(private readonly parts: ConnectingParts) {}

  start = (): void => {
    this.timer = setInterval(this.chore.look, Math.min(lookEveryMs, this.parts.pollSeconds * 1_000))
    this.chore.look()
  }

  /** There may be something new. */
  look = (): void => this.chore.look()

  /** A task of a vendor has changed: after the commit. */
  wake = (taskId: string): void => {
    this.asked.add(taskId)
    this.chore.look()
  }

  stop = async (): Promise<void> => {
    this.ending.abort()
    clearInterval(this.timer)
    await this.chore.stop()
    await Promise.all(this.looks)
  }

  private get isEnding(): boolean {
    return this.ending.signal.aborted
  }

  /** Begins the looks that are due, and does not wait for their ends: a slow tool holds up itself only. */
  private async lookAtDue(): Promise<void> {
    const { database, pollSeconds } = this.parts
    for (const taskId of [...this.asked]) {
      this.asked.delete(taskId)
      await askToLook(database, { taskId })
    }
    await addTasks(database)
    while (this.looks.size < mostAtOnce && !this.isEnding) {
      const due = await takeDue(database, pollSeconds)
      if (!due) return
      const look: Promise<void> = this.compare(due)
        .catch((error: unknown) => log.error('the end of a look cannot be recorded', error))
        .finally(() => {
          this.looks.delete(look)
          this.chore.look()
        })
      this.looks.add(look)
    }
  }

  private async compare(due: Due): Promise<void> {
    const { database, pollSeconds } = this.parts
    try {
      await this.compareOne(due)
    } catch (error) {
      if (error instanceof Disconnected || this.isEnding) return release(database, due)
      const isExpected = error instanceof ToolProblem
      if (!isExpected) log.error(`looking into the tool of labelling task ${due.taskId}`, error)
      const problem = isExpected ? error.message : 'it failed here: see the log of the labeling service'
      await lookFailed(database, due, problem, pollSeconds)
    }
  }

  private async compareOne(due: Due): Promise<void> {
    const { database, cipher } = this.parts
    const connector = await database.getRepository(ConnectorRow).findOneBy({ id: due.connectorId })
    const row = await database.getRepository(ConnectorTaskRow).findOneBy(due)
    const task = await database.getRepository(LabellingTaskRow).findOneBy({ id: due.taskId })
    if (!connector || !row || !task) throw new Disconnected()
    const tool = toolOf(connector, { ...this.parts, signal: this.ending.signal })
    if (task.state === 'CANCELLED' || task.vendorId !== connector.vendorId) {
      if (row.remoteId && (await tool.has(row.remoteId))) await tool.close(row.remoteId)
      return closed(database, due)
    }
    const secret = cipher.decrypt(connector.secret)
    const goOn = async (): Promise<void> => {
      if (this.isEnding || !(await stillLooking(database, due))) throw new Disconnected()
    }
    await lookedAt(database, due, await reconcile({ ...this.parts, secret, goOn }, connector, tool, row))
  }
}

/** There is nothing to look at any more, or nobody who looks: no problem of the tool. */
class Disconnected extends Error {}
