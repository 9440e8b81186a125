import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { FormatName } from '../format/format.ts'
import type { Batch, Checkpoint, SeenAsset } from './batch.ts'
import { endThread } from './end-thread.ts'
import type { Inspection } from './inspect.ts'
import type { ImportPolicy } from './policy.ts'
import { BadArchive, type ItemProblem } from './problem.ts'

interface FilesTask {
  /** Of a folder or an archive on this machine. */
  readonly path: string
  /** Folder for what must be unpacked to be read. */
  readonly scratch: string
  readonly format?: FormatName
  /** All labels of the workspace. */
  readonly labels: readonly { readonly name: string; readonly aliases: readonly string[] }[]
}

export interface InspectTask extends FilesTask {
  readonly kind: 'inspect'
}

export interface CheckTask extends FilesTask {
  readonly kind: 'check'
  readonly importId: string
  readonly policy: ImportPolicy
  /** Where the blob store is. */
  readonly blobs: string
  readonly from?: Checkpoint
  readonly seen: readonly SeenAsset[]
  readonly batchImages: number
}

export type WorkerTask = InspectTask | CheckTask

export type ToWorker =
  | { readonly kind: 'task'; readonly task: WorkerTask }
  /** A batch is taken. */
  | { readonly kind: 'go on' }
  /** Nobody wants to know any more. */
  | { readonly kind: 'end' }

export type FromWorker =
  | {
      readonly kind: 'detected'
      readonly format: FormatName
      readonly imageCount: number
      readonly imageBytes: number
    }
  | { readonly kind: 'progress'; readonly images: number; readonly bytes: number }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'inspection'; readonly inspection: Inspection }
  | { readonly kind: 'refused'; readonly problem: ItemProblem }
  /** The last word on a task. */
  | { readonly kind: 'done' }

export type CheckNews = Extract<FromWorker, { kind: 'detected' | 'progress' | 'batch' }>

/**
 * Checks files on a thread of its own, so that the service answers meanwhile and that it can be ended at any moment,
 * whatever a hostile file keeps it at. The thread waits when two batches are not taken.
 * @throws BadArchive when the files as a whole cannot be imported; the signal's reason
 */
export async function* checkInWorker(task: CheckTask, signal: AbortSignal): AsyncGenerator<CheckNews> {
  for await (const { message, goOn } of messagesOf(task, signal)) {
    if (message.kind === 'inspection') continue
    yield message
    if (message.kind === 'batch') goOn()
  }
}

/** @throws BadArchive when nothing can be said of the files; the signal's reason */
export async function inspectInWorker(task: InspectTask, signal: AbortSignal): Promise<Inspection> {
  let inspection: Inspection | undefined
  for await (const { message } of messagesOf(task, signal))
    if (message.kind === 'inspection') inspection = message.inspection
  if (!inspection) throw new Error('the thread that inspects files had no answer')
  return inspection
}

type AnswerOfWorker = Exclude<FromWorker, { kind: 'refused' | 'done' }>

/** All that a thread says of a task up to its last word. */
async function* messagesOf(
  task: WorkerTask,
  signal: AbortSignal,
): AsyncGenerator<{ message: AnswerOfWorker; goOn: () => void }> {
  signal.throwIfAborted()
  const worker = takeWorker()
  const say = (message: ToWorker) => worker.postMessage(message)
  let problem: ItemProblem | undefined
  let isDone = false
  try {
    const messages = on(worker, 'message', { signal, close: ['exit'] })
    say({ kind: 'task', task })
    // what check-worker.ts posts
    for await (const [message] of messages as AsyncIterable<[FromWorker]>) {
      if (message.kind === 'refused') problem = message.problem
      else if (message.kind !== 'done') yield { message, goOn: () => say({ kind: 'go on' }) }
      isDone = message.kind === 'done'
      if (isDone) break
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    if (isDone) keepWorker(worker)
    else await endThread(worker, enough)
  }
  if (problem) throw new BadArchive(problem)
  if (!isDone) throw new Error('the thread that checks files ended before it was done')
}

const enough: ToWorker = { kind: 'end' }

/** A thread that came to its end well; the next task needs not wait for one to start. Does not keep the process. */
let idle: Worker | undefined

/** Starts a thread ahead: the first task need not wait for one either. */
export function startAhead(): void {
  if (!idle) keepWorker(startWorker())
}

function takeWorker(): Worker {
  const worker = idle ?? startWorker()
  idle = undefined
  worker.ref()
  return worker
}

function keepWorker(worker: Worker): void {
  if (idle) void endThread(worker, enough)
  else idle = worker
  worker.unref()
}

function startWorker(): Worker {
  // execArgv: the bootstrap registers the TypeScript loader; the parent's own loaders are not wanted twice
  const worker = new Worker(new URL('./check-worker.mjs', import.meta.url), {
    name: 'import',
    execArgv: [],
  })
  worker.once('exit', () => (idle = idle === worker ? undefined : idle))
  return worker
}
