import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { FormatName } from '../format/format.ts'
import type { Batch, Checkpoint, SeenAsset } from './batch.ts'
import type { Inspection } from './inspect.ts'
import type { ImportPolicy } from './policy.ts'
import { BadArchive, type ItemProblem } from './problem.ts'

interface FilesTask {
  /** Of a folder or an archive on this machine. */
  readonly path: string
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
}

export type WorkerTask = InspectTask | CheckTask

export type FromWorker =
  | {
      readonly kind: 'detected'
      readonly format: FormatName
      readonly imageCount: number
      readonly imageBytes: number
    }
  | { readonly kind: 'progress'; readonly images: number; readonly bytes: number }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'checked' }
  | { readonly kind: 'inspection'; readonly inspection: Inspection }
  | { readonly kind: 'refused'; readonly problem: ItemProblem }

export type CheckNews = Extract<FromWorker, { kind: 'detected' | 'progress' | 'batch' }>

/**
 * Checks files on a thread of its own, so that the service answers meanwhile and that it can be ended at any moment,
 * whatever a hostile file keeps it at. The thread waits when two batches are not taken.
 * @throws BadArchive when the files as a whole cannot be imported; the signal's reason
 */
export async function* checkInWorker(task: CheckTask, signal: AbortSignal): AsyncGenerator<CheckNews> {
  for await (const { message, goOn } of messagesOf(task, signal)) {
    if (message.kind === 'checked') return
    if (message.kind === 'inspection') continue
    yield message
    if (message.kind === 'batch') goOn()
  }
  throw new Error('the thread that checks an import ended before it had checked all')
}

/** @throws BadArchive when nothing can be said of the files; the signal's reason */
export async function inspectInWorker(task: InspectTask, signal: AbortSignal): Promise<Inspection> {
  for await (const { message } of messagesOf(task, signal))
    if (message.kind === 'inspection') return message.inspection
  throw new Error('the thread that inspects files ended before it had an answer')
}

type AnswerOfWorker = Exclude<FromWorker, { kind: 'refused' }>

async function* messagesOf(
  task: WorkerTask,
  signal: AbortSignal,
): AsyncGenerator<{ message: AnswerOfWorker; goOn: () => void }> {
  signal.throwIfAborted()
  // execArgv: the bootstrap registers the TypeScript loader; the parent's own loaders are not wanted twice
  const worker = new Worker(new URL('./check-worker.mjs', import.meta.url), {
    name: `import ${task.kind}`,
    execArgv: [],
    workerData: task,
  })
  try {
    for await (const [message] of on(worker, 'message', { signal, close: ['exit'] }) as AsyncIterable<
      [FromWorker] // what check-worker.ts posts
    >) {
      if (message.kind === 'refused') throw new BadArchive(message.problem)
      yield { message, goOn: () => worker.postMessage('go on') }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    await worker.terminate()
  }
}
