import { parentPort, workerData } from 'node:worker_threads'
import { gainOfPacked } from './bootstrap-interval.ts'
import { confusionOfPacked } from './confusion.ts'
import { evaluatePacked } from './evaluation.ts'
import type { WorkerTask } from './in-worker.ts'

// as: workerData is untyped; only in-worker.ts starts this file, with a WorkerTask
parentPort?.postMessage(resultOf(workerData as WorkerTask))

function resultOf(task: WorkerTask): unknown {
  if (task.kind === 'evaluate') return evaluatePacked(task.input, task.options)
  if (task.kind === 'gain') return gainOfPacked(task.before, task.after, task.options)
  return confusionOfPacked(task.input, task.scoreThreshold)
}
