import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { DataSource } from 'typeorm'
import { Answering } from './automatic-labeller/answering.ts'
import type { LabellingTaskRow } from './task/labelling-task.entity.ts'
import { Opening } from './task/opening.ts'
import { Storing } from './task/storing.ts'
import type { Graph } from './task/version.ts'

/** What the chores work with. */
export interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: Graph
  readonly blobs: Blobs
  /** There may be something to tell vendors. */
  readonly tellVendors: () => void
}

/** What tells which chore has work with a task. */
type Woken = Pick<LabellingTaskRow, 'state' | 'itemCount' | 'automaticLabellerId' | 'vendorId'>

/** The slow work of labelling tasks, in the order of a task's life: its items, automatic answers, its result. */
export class Chores {
  private readonly opening: Opening
  private readonly answering: Answering
  private readonly storing: Storing

  constructor(private readonly parts: Parts) {
    this.opening = new Opening(parts, (task) => this.wake(task))
    this.answering = new Answering(parts, (task) => this.wake(task))
    this.storing = new Storing(parts)
  }

  /** Whoever has work with a task as it is now; after the commit. */
  wake = (task: Woken): void => {
    if (task.vendorId) this.parts.tellVendors()
    if (task.state === 'STORING') return this.storing.look()
    if (task.state !== 'OPEN') return
    if (task.itemCount === null) return this.opening.look()
    if (task.automaticLabellerId) this.answering.look()
  }

  /** Goes on with what an earlier process left. */
  start = (): void => {
    for (const chore of [this.opening, this.answering, this.storing]) chore.look()
  }

  stop = async (): Promise<void> => {
    for (const chore of [this.opening, this.answering, this.storing]) await chore.stop()
  }
}
