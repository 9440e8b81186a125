import { parentPort, workerData } from 'node:worker_threads'
import { gainOfPacked } from './bootstrap-interval.ts'
import { evaluatePacked } from './evaluation.ts'
import type { WorkerTask } from './in-worker.ts'

// as: workerData is untyped; only in-worker.ts starts this file, with a WorkerTask
const task = workerData as WorkerTask
parentPort?.postMessage(
  task.kind === 'evaluate'
    ? evaluatePacked(task.input, task.options)
    : gainOfPacked(task.before, task.after, task.options),
)
