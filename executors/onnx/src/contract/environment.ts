/** env.yaml: what the job is and where its files are. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ExecutorFailure } from './failure.ts'
import { localPath, type JobFolders } from './paths.ts'
import { problemsOf } from './schema-problems.ts'

export interface JobEnvironment {
  readonly taskId: string
  readonly runTraining: boolean
  readonly runMining: boolean
  readonly runInfer: boolean
  /** all as found on this machine; an index that the job does not have is undefined */
  readonly files: {
    readonly config: string
    readonly trainingIndex?: string
    readonly validationIndex?: string
    readonly candidateIndex?: string
    readonly modelsFolder: string
    readonly tensorboardFolder: string
    readonly trainingResult: string
    readonly miningResult: string
    /** where the platform wants to know what it can select by */
    readonly miningDetails: string | undefined
    readonly inferResult: string
    readonly monitor: string
  }
}

/** Written by Python's YAML, by ours, or by hand: numbers for names and words for booleans are met. */
const text = z.union([z.string(), z.number()]).transform(String)
const index = z.string().nullish()
const flag = z.boolean().nullish().transform(Boolean)

const environmentFile = z.object({
  task_id: text,
  run_training: flag,
  run_mining: flag,
  run_infer: flag,
  input: z
    .object({
      training_index_file: index,
      val_index_file: index,
      candidate_index_file: index,
      config_file: z.string().default('/in/config.yaml'),
    })
    .prefault({}),
  output: z
    .object({
      models_dir: z.string().default('/out/models'),
      tensorboard_dir: z.string().default('/out/tensorboard'),
      training_result_file: z.string().default('/out/models/result.yaml'),
      mining_result_file: z.string().default('/out/result.tsv'),
      /** only platforms that select by details name it */
      mining_details_file: z.string().optional(),
      infer_result_file: z.string().default('/out/infer-result.json'),
      monitor_file: z.string().default('/out/monitor.txt'),
    })
    .prefault({}),
})

/** @throws ExecutorFailure CONFIGURATION when the file is missing, no YAML, or does not say what to run */
export async function readEnvironment(folders: JobFolders): Promise<JobEnvironment> {
  const path = join(folders.input, 'env.yaml')
  const file = await parseYamlFile(path, environmentFile)
  const local = (name: string) => localPath(name, folders)
  const optional = (name: string | null | undefined) => (name ? local(name) : undefined)
  const environment: JobEnvironment = {
    taskId: file.task_id,
    runTraining: file.run_training,
    runMining: file.run_mining,
    runInfer: file.run_infer,
    files: {
      config: local(file.input.config_file),
      trainingIndex: optional(file.input.training_index_file),
      validationIndex: optional(file.input.val_index_file),
      candidateIndex: optional(file.input.candidate_index_file),
      modelsFolder: local(file.output.models_dir),
      tensorboardFolder: local(file.output.tensorboard_dir),
      trainingResult: local(file.output.training_result_file),
      miningResult: local(file.output.mining_result_file),
      miningDetails: optional(file.output.mining_details_file),
      inferResult: local(file.output.infer_result_file),
      monitor: local(file.output.monitor_file),
    },
  }
  refuseNothingToDo(environment, path)
  return environment
}

function refuseNothingToDo({ runTraining, runMining, runInfer }: JobEnvironment, path: string): void {
  const asked = runMining || runInfer
  if (runTraining !== asked) return
  const problem = asked ? 'training together with mining or infer' : 'nothing'
  const remedy = 'set run_training alone, or run_mining and/or run_infer, to true'
  throw new ExecutorFailure('CONFIGURATION', `${path} asks for ${problem}; ${remedy}`)
}

/**
 * Reads a YAML file and checks it.
 * @throws ExecutorFailure CONFIGURATION naming the file and each bad key
 */
export async function parseYamlFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const result = schema.safeParse(await readYaml(path))
  if (result.success) return result.data
  throw new ExecutorFailure('CONFIGURATION', `${path}: ${problemsOf(result.error)}`)
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ExecutorFailure('CONFIGURATION', `${path} cannot be read: ${reason}`, { cause })
  }
}
