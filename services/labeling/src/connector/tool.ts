import type { Annotation } from '../item/annotation.ts'
import type { LabellingItemRow } from '../item/labelling-item.entity.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'

/** An image of a task, as far as a tool's answers need it. */
export type SeenItem = Pick<
  LabellingItemRow,
  'id' | 'width' | 'height' | 'state' | 'comment' | 'vendorRevision' | 'vendorAnswer'
>

/** A labelling task that a tool is to have. */
export interface ConnectedTask extends Pick<LabellingTaskRow, 'id' | 'name' | 'classes'> {
  readonly items: ReadonlyMap<string, SeenItem>
}

export interface RemoteImage {
  readonly itemId: string
  /** What the tool calls it. */
  readonly remoteId: string
}

/** What is finished in the tool. */
export interface RemoteAnswer {
  readonly itemId: string
  /** Null: it is skipped, or cannot be read. */
  readonly annotations: readonly Annotation[] | null
  readonly skipReason: string | null
  /** How long it took, where the tool says so. */
  readonly seconds: number | null
  /** Why it cannot be read; null: it can. */
  readonly problem: string | null
}

/** A part of what is in a project. */
export interface Sight {
  /** Items whose images are there. */
  readonly there: readonly string[]
  readonly answers: readonly RemoteAnswer[]
}

export interface ImageFile {
  readonly item: LabellingItemRow
  /** Tells the item, and sorts as the task does. */
  readonly name: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** An answer that is to be given anew. */
export interface SentBack extends RemoteImage {
  readonly comment: string
  /** Which answer it was. */
  readonly revision: number
}

/**
 * A labelling tool, as the reconciliation needs it. Whatever makes something there looks first whether it is there: an
 * answer to an earlier call may have been lost. All throw ToolProblem.
 */
export interface Tool {
  /** Whether the address and the token are good. */
  check(): Promise<void>
  /** Whether a project is there still. */
  has(projectId: string): Promise<boolean>
  /** Finds or makes the project of a task. @returns its id */
  open(task: ConnectedTask): Promise<string>
  /** Those of the images wanted that are there, ready to be worked on. */
  found(projectId: string, task: ConnectedTask, wanted: readonly LabellingItemRow[]): Promise<RemoteImage[]>
  /** Sends images that are not there; they are `found` when the tool has taken them in. */
  send(projectId: string, task: ConnectedTask, batches: AsyncIterable<readonly ImageFile[]>): Promise<void>
  /** Has the tool call an address when something changes, and prove with the secret that it is the tool. */
  hook(projectId: string, url: string, secret: string): Promise<void>
  /** All that is there, in parts with 500 answers at most. */
  look(projectId: string, task: ConnectedTask): AsyncIterable<Sight>
  /** Has images worked on anew; those that are not there any more are left out. */
  reopen(projectId: string, task: ConnectedTask, sentBack: readonly SentBack[]): Promise<void>
  /** Takes from the tool what nobody needs to work on any more; what was answered there stays. */
  close(projectId: string): Promise<void>
}

/** The tool, or the way to it, does not do what is needed: said to the owner, and tried again. */
export class ToolProblem extends Error {
  constructor(
    message: string,
    /** HTTP status, if there was an answer. */
    readonly status?: number,
  ) {
    super(message)
  }
}
