import type { JobKind } from '../job/job.ts'
import { inImage } from './layout.ts'
import { taskIdOf } from './task-id.ts'
import { writeYaml } from './yaml.ts'

/** The text of /in/env.yaml: what is asked for and where everything lies. */
export function environmentFile(jobId: string, kinds: readonly JobKind[]): string {
  const training = kinds.includes('TRAINING')
  return writeYaml({
    protocol_version: '1.1.0',
    task_id: taskIdOf(jobId),
    run_training: training,
    run_mining: kinds.includes('MINING'),
    run_infer: kinds.includes('INFERENCE'),
    manifest_file: '/img-man/manifest.yaml',
    input: {
      root_dir: '/in',
      assets_dir: inImage.assets,
      annotations_dir: inImage.annotations,
      models_dir: inImage.models,
      training_index_file: training ? inImage.trainIndex : '',
      val_index_file: training ? inImage.valIndex : '',
      candidate_index_file: training ? '' : inImage.candidateIndex,
      config_file: inImage.config,
    },
    output: {
      root_dir: '/out',
      models_dir: inImage.outModels,
      tensorboard_dir: inImage.tensorboard,
      training_result_file: inImage.trainingResult,
      mining_result_file: inImage.miningResult,
      mining_details_file: inImage.miningDetails,
      infer_result_file: inImage.inferResult,
      monitor_file: inImage.monitor,
      executor_log_file: inImage.executorLog,
    },
  })
}
