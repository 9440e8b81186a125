import { Worker } from 'node:worker_threads'
import type { CocoEvaluation, EvaluationOptions } from './evaluation.ts'
import type { Interval, IntervalOptions } from './bootstrap-interval.ts'
import type { Confusion } from './confusion.ts'
import type { Detection, EvaluationInput, PackedInput } from './input.ts'
import { packInputInSlices } from './input.ts'

/** What the worker is given to do; the columns are moved, not copied. */
export type WorkerTask =
  | { readonly kind: 'evaluate'; readonly input: PackedInput; readonly options: EvaluationOptions }
  | {
      readonly kind: 'gain'
      readonly before: PackedInput
      readonly after: PackedInput
      readonly options: IntervalOptions
    }
  | { readonly kind: 'confuse'; readonly input: PackedInput; readonly scoreThreshold: number }

/**
 * {@link evaluateCoco} on a thread of its own. Of the caller's thread it takes only the packing of the boxes, in
 * slices of about a millisecond; starting the thread takes some tenths of a second, so evaluate a handful of images
 * in place.
 * @param signal ends the thread; the promise then rejects with the signal's reason
 * @throws BadEvaluationInput as `evaluateCoco`
 */
export async function evaluateInWorker(
  input: EvaluationInput,
  options: EvaluationOptions = {},
  signal?: AbortSignal,
): Promise<CocoEvaluation> {
  const packed = await packInputInSlices(input)
  signal?.throwIfAborted()
  return runWorker<CocoEvaluation>({ kind: 'evaluate', input: packed, options }, [packed], signal)
}

/** {@link bootstrapGain} on a thread of its own. */
export async function gainInWorker(
  testSet: Omit<EvaluationInput, 'detections'>,
  detections: { readonly before: readonly Detection[]; readonly after: readonly Detection[] },
  options: IntervalOptions,
): Promise<Interval | null> {
  const before = await packInputInSlices({ ...testSet, detections: detections.before })
  const after = await packInputInSlices({ ...testSet, detections: detections.after })
  return runWorker<Interval | null>({ kind: 'gain', before, after, options }, [before, after])
}

/** {@link confuse} on a thread of its own. */
export async function confuseInWorker(input: EvaluationInput, scoreThreshold: number): Promise<Confusion> {
  const packed = await packInputInSlices(input)
  return runWorker<Confusion>({ kind: 'confuse', input: packed, scoreThreshold }, [packed])
}

/** @typeParam Result what evaluation-worker.ts answers to this kind of task */
function runWorker<Result>(
  task: WorkerTask,
  moved: readonly PackedInput[],
  signal?: AbortSignal,
): Promise<Result> {
  // execArgv: the bootstrap registers the TypeScript loader; the parent's own loaders are not wanted twice
  const worker = new Worker(new URL('./evaluation-worker.mjs', import.meta.url), {
    name: 'coco-evaluation',
    execArgv: [],
    workerData: task,
    transferList: moved.flatMap(buffersOf),
  })
  return new Promise<Result>((resolve, reject) => {
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', abort)
      reject(new Error(`the evaluation's thread ended with code ${code} before it had a result`))
    })
  }).finally(() => worker.terminate())
}

function buffersOf({ groundTruth, detections }: PackedInput): ArrayBuffer[] {
  const columns = [...Object.values(groundTruth), ...Object.values(detections)]
  return columns.filter((column) => typeof column !== 'number').map((column) => column.buffer)
}
