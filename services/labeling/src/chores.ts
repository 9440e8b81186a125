import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { Cipher } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { Answering } from './automatic-labeller/answering.ts'
import { Connecting } from './connector/connecting.ts'
import type { LabellingTaskRow } from './task/labelling-task.entity.ts'
import { Opening } from './task/opening.ts'
import { Storing } from './task/storing.ts'
import type { Graph } from './task/version.ts'
import type { Outward } from './vendor/outward.ts'

/** What the chores work with. */
export interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: Graph
  readonly blobs: Blobs
  readonly vendors: {
    readonly cipher: Cipher
    readonly outward: Pick<Outward, 'send'>
    /** There may be something to tell them. */
    readonly look: () => void
    /** How often vendors' labelling tools are looked into when nothing is heard from them. */
    readonly pollSeconds: number
  }
}

/** What tells which chore has work with a task. */
type Woken = Pick<LabellingTaskRow, 'id' | 'state' | 'itemCount' | 'automaticLabellerId' | 'vendorId'>

/** The slow work of labelling tasks, in the order of a task's life: its items, automatic answers, its result. */
export class Chores {
  private readonly opening: Opening
  private readonly answering: Answering
  private readonly storing: Storing
  private readonly connecting: Connecting

  constructor(private readonly parts: Parts) {
    this.opening = new Opening(parts, (task) => this.wake(task))
    this.answering = new Answering(parts, (task) => this.wake(task))
    this.storing = new Storing(parts)
    this.connecting = new Connecting({ ...parts, ...parts.vendors, onResults: this.wakeOwn })
  }

  /** Whoever has work with a task as it is now; after the commit. */
  wake = (task: Woken): void => {
    if (task.vendorId) this.connecting.wake(task.id)
    this.wakeOwn(task)
  }

  /** Something is said to be new in a labelling tool. */
  lookIntoTools = (): void => this.connecting.look()

  /** As `wake`, when it was a labelling tool that changed it. */
  private wakeOwn = (task: Woken): void => {
    if (task.vendorId) this.parts.vendors.look()
    if (task.state === 'STORING') return this.storing.look()
    if (task.state !== 'OPEN') return
    if (task.itemCount === null) return this.opening.look()
    if (task.automaticLabellerId) this.answering.look()
  }

  /** Goes on with what an earlier process left. */
  start = (): void => {
    for (const chore of [this.opening, this.answering, this.storing]) chore.look()
    this.connecting.start()
  }

  stop = async (): Promise<void> => {
    for (const chore of [this.connecting, this.opening, this.answering, this.storing]) await chore.stop()
  }
}
