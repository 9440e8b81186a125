import { parentPort, workerData } from 'node:worker_threads'
import { openBlobs } from '@ymir/blobs'
import type { Files } from '../format/format.ts'
import { imagesReader } from '../format/images-reader.ts'
import { LabelBook } from '../label/label.ts'
import { checkFiles } from './check.ts'
import { detectFormat } from './detect.ts'
import { openFiles } from './files.ts'
import type { CheckTask, FromWorker, WorkerTask } from './in-worker.ts'
import { inspectFiles } from './inspect.ts'
import { importLimits } from './limits.ts'
import { BadArchive } from './problem.ts'

// as: workerData is untyped; only in-worker.ts starts this file, with a task
const task = workerData as WorkerTask
const port = parentPort!
const say = (message: FromWorker) => port.postMessage(message)
const progressEveryMs = 200
const never = new AbortController().signal // who wants to end it ends the thread

try {
  const files = await openFiles(task.path, importLimits)
  if (task.kind === 'inspect') say({ kind: 'inspection', inspection: await inspectFiles(files, task) })
  if (task.kind === 'check') await check(files, task)
  await files.close()
} catch (error) {
  if (!(error instanceof BadArchive)) throw error
  say({ kind: 'refused', problem: error.problem })
}
port.close()

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
    blobs: await openBlobs(blobs),
    limits: importLimits,
    onProgress: throttled((done) => say({ kind: 'progress', ...done })),
    signal: never,
  })
  const mayGoOn = creditsFrom(2) // one batch is stored while the next is made
  for await (const batch of batches) {
    await mayGoOn()
    say({ kind: 'batch', batch })
  }
  say({ kind: 'checked' })
}

/** Each message from the parent allows one batch more. */
function creditsFrom(credits: number): () => Promise<void> {
  let wake: (() => void) | undefined
  port.on('message', () => {
    credits++
    wake?.()
  })
  return async () => {
    while (credits === 0) await new Promise<void>((resolve) => (wake = resolve))
    credits--
  }
}

function throttled<Value>(say: (value: Value) => void): (value: Value) => void {
  let saidAt = 0
  return (value) => {
    if (Date.now() - saidAt < progressEveryMs) return
    saidAt = Date.now()
    say(value)
  }
}
