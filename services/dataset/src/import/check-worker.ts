import { parentPort } from 'node:worker_threads'
import { openBlobsOfThread } from '@ymir/blobs'
import type { Files } from '../format/format.ts'
import { imagesReader } from '../format/images/images-reader.ts'
import { LabelBook } from '../label/label.ts'
import { checkFiles } from './check.ts'
import { detectFormat } from './detect.ts'
import { openFiles } from './files.ts'
import type { CheckTask, FromWorker, ToWorker, WorkerTask } from './in-worker.ts'
import { inspectFiles } from './inspect.ts'
import { importLimits } from './limits.ts'
import { BadArchive } from './problem.ts'

const port = parentPort!
const say = (message: FromWorker) => port.postMessage(message)
const progressEveryMs = 200
const never = new AbortController().signal // who wants to end it ends the thread
const batchesAhead = 2 // one batch is stored while the next is made
let credits = batchesAhead
let wake: (() => void) | undefined

port.on('message', (message: ToWorker) => {
  if (message.kind === 'end') process.exit() // of this thread
  if (message.kind === 'task') void work(message.task)
  if (message.kind !== 'go on') return
  credits++
  wake?.()
})

/** Any error but of the files ends the thread, and its parent hears of it. */
async function work(task: WorkerTask): Promise<void> {
  credits = batchesAhead
  const files = await openFiles(task.path, importLimits, task.scratch)
  try {
    if (task.kind === 'inspect') say({ kind: 'inspection', inspection: await inspectFiles(files, task) })
    if (task.kind === 'check') await check(files, task)
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error
    say({ kind: 'refused', problem: error.problem })
  } finally {
    await files.close()
  }
  say({ kind: 'done' })
}

async function check(files: Files, task: CheckTask): Promise<void> {
  const { format, labels, blobs, policy, from, ...rest } = task
  const { reader, imageCount, imageBytes } = await detectFormat(files, format)
  const used = policy.annotations === 'IGNORE' ? imagesReader : reader
  say({ kind: 'detected', format: used.name, imageCount, imageBytes })
  const batches = checkFiles({
    ...rest,
    ...(from ? { from } : {}),
    files,
    policy,
    reader: used,
    labels: new LabelBook(labels),
    blobs: await openBlobsOfThread(blobs),
    limits: importLimits,
    onProgress: throttled((done) => say({ kind: 'progress', ...done })),
    signal: never,
  })
  for await (const batch of batches) {
    await mayGoOn()
    say({ kind: 'batch', batch })
  }
}

/** Each message from the parent allows one batch more. */
async function mayGoOn(): Promise<void> {
  while (credits === 0) await new Promise<void>((resolve) => (wake = resolve))
  credits--
}

function throttled<Value>(say: (value: Value) => void): (value: Value) => void {
  let saidAt = 0
  return (value) => {
    if (Date.now() - saidAt < progressEveryMs) return
    saidAt = Date.now()
    say(value)
  }
}
