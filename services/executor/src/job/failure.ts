import type { Mask } from '../secret/mask.ts'

/** Classes of causes; stable, part of JobStateChanged and of the graph. */
export type FailureCode =
  | 'IMAGE_MISSING'
  | 'PULL_FAILED'
  | 'BAD_CONFIGURATION'
  | 'CONTRACT_VIOLATION'
  | 'OUT_OF_MEMORY'
  | 'USER_CODE'
  | 'TIMEOUT'
  | 'MACHINE_LOST'
  | 'ENGINE_LOST'
  | 'DISK_FULL'
  | 'EXECUTOR_ERROR'

/** Why a job failed, for the person who started it. */
export interface JobFailure {
  readonly code: FailureCode
  /** What happened, with file and line where there is one. */
  readonly message: string
  /** What to do about it. */
  readonly advice: string
  /** When the image ended by itself. */
  readonly exitCode?: number
  /** Last lines of the log. */
  readonly logTail: string
}

const usualAdvice: Readonly<Record<FailureCode, string>> = {
  IMAGE_MISSING: 'Ask an administrator to register the executor image again, or choose another image.',
  PULL_FAILED: 'Try again later; if it goes on, tell an administrator what the registry said.',
  BAD_CONFIGURATION: 'Correct the parameters and start again.',
  CONTRACT_VIOLATION:
    'The image does not keep the executor contract: tell its author the file and line, or choose another image.',
  OUT_OF_MEMORY: 'Take a smaller batch or image size, or a machine with more memory.',
  USER_CODE: 'Read the end of the log; if it is no mistake in the parameters, tell the author of the image.',
  TIMEOUT: 'Give the job more time with the parameter time_limit_seconds, or less to do.',
  MACHINE_LOST: 'Start the job again.',
  ENGINE_LOST:
    'Have an administrator start Docker or Podman on the machine that runs the jobs; start the job again.',
  DISK_FULL: 'Free space on the machine that runs the jobs, or let the job write less.',
  EXECUTOR_ERROR: 'Start the job again; if it fails the same way, tell the administrator what it says.',
}

/** Something that ends a job; thrown wherever it is found out. */
export class JobProblem extends Error {
  override readonly name = 'JobProblem'
  readonly advice: string
  readonly exitCode?: number

  constructor(
    readonly code: FailureCode,
    message: string,
    { advice = usualAdvice[code], exitCode }: { advice?: string; exitCode?: number } = {},
  ) {
    super(message)
    this.advice = advice
    this.exitCode = exitCode
  }
}

/** Whether the job would go well on a machine that stays: nothing of what it was asked for is at fault. */
export function isLoss(error: unknown): boolean {
  return error instanceof JobProblem && (error.code === 'MACHINE_LOST' || error.code === 'ENGINE_LOST')
}

/** The failure that a thrown error means for the job; what nobody foresaw is told as it is. */
export function failureOf(error: unknown, logTail: string): JobFailure {
  const problem = error instanceof JobProblem ? error : unforeseen(error)
  const { code, message, advice, exitCode } = problem
  return { code, message, advice, exitCode, logTail }
}

/** The failure as it may be shown and stored: what the image said may hold secrets, and bytes that no database takes. */
export function printable(failure: JobFailure, mask: Mask): JobFailure {
  const { message, logTail } = failure
  return { ...failure, message: storable(mask.text(message)), logTail: storable(mask.text(logTail)) }
}

/** PostgreSQL stores every character but this one. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd')
}

function unforeseen(error: unknown): JobProblem {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new JobProblem('DISK_FULL', `no space is left for the job's files: ${message}`)
  return new JobProblem('EXECUTOR_ERROR', `the executor could not go on with the job: ${message}`)
}

/** Error numbers of the executor SDKs, as found in monitor.txt, in words (image contract, "What the image reports"). */
const sdkErrors: Readonly<Record<number, string>> = {
  300001: 'bad configuration',
  300002: 'no training or validation data',
  300003: 'an image is unreadable or of an unknown format',
  300004: 'a model file was not found',
  300005: 'the object type is missing or unsupported',
  300101: 'CUDA and the GPU do not match',
  300102: 'no GPU',
  300103: 'out of memory',
  300201: 'training diverged (NaN)',
  300301: 'a network error while downloading',
  160004: 'an error without a class of its own',
}

const OUT_OF_MEMORY = 300103
const BAD_CONFIGURATION = 300001
const EXIT_KILLED = 137

/** What is known of an image that ended with an exit code other than 0. */
export interface Exit {
  readonly exitCode: number
  /** What it last told in monitor.txt. */
  readonly told?: { readonly errorCode?: number; readonly message?: string }
  /** Whether the kernel ended it for its memory, as far as the driver knows. */
  readonly outOfMemory?: boolean
  /** The end of its log. */
  readonly logTail?: string
}

/** Words of CUDA, PyTorch, TensorFlow and MXNet for a GPU without free memory. */
const gpuOutOfMemory =
  /CUDA(?:_ERROR_OUT_OF_MEMORY| error: out of memory| out of memory)|cudaErrorMemoryAllocation|CUDNN_STATUS_ALLOC_FAILED|OutOfMemoryError: CUDA|cudaMalloc failed: out of memory|OOM when allocating tensor/i
const diskFull = /No space left on device|Disk quota exceeded/

/** What a non-zero exit code means, together with what the image told and printed. */
export function problemOfExit({ exitCode, told = {}, outOfMemory = false, logTail = '' }: Exit): JobProblem {
  const details = ` (exit code ${exitCode}${told.message ? `; ${told.message}` : ''})`
  if (gpuOutOfMemory.test(logTail))
    return new JobProblem('OUT_OF_MEMORY', `the GPU was out of memory${details}`, {
      exitCode,
      advice: 'Take a smaller batch or image size, more GPUs, or a GPU with more memory.',
    })
  if (outOfMemory || told.errorCode === OUT_OF_MEMORY || exitCode === EXIT_KILLED)
    return new JobProblem('OUT_OF_MEMORY', `the image was out of memory${details}`, { exitCode })
  if (diskFull.test(logTail))
    return new JobProblem('DISK_FULL', `the image found no space on the disk${details}`, { exitCode })
  const why =
    told.errorCode === undefined ? undefined : (sdkErrors[told.errorCode] ?? `error ${told.errorCode}`)
  const reason = [why, told.message].filter(Boolean).join(': ')
  const code = told.errorCode === BAD_CONFIGURATION ? 'BAD_CONFIGURATION' : 'USER_CODE'
  const message = `the image ended with exit code ${exitCode}${reason ? `: ${reason}` : ''}`
  return new JobProblem(code, message, { exitCode })
}
