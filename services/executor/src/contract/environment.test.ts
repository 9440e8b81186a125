import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { environmentFile } from './environment.ts'

/** Protocol 1.1.0, key by key. */
const ofTraining = `
protocol_version: 1.1.0
task_id: t00abc
run_training: true
run_mining: false
run_infer: false
manifest_file: /img-man/manifest.yaml
input:
  root_dir: /in
  assets_dir: /in/assets
  annotations_dir: /in/annotations
  models_dir: /in/models
  training_index_file: /in/train-index.tsv
  val_index_file: /in/val-index.tsv
  candidate_index_file: ""
  config_file: /in/config.yaml
output:
  root_dir: /out
  models_dir: /out/models
  tensorboard_dir: /out/tensorboard
  training_result_file: /out/models/result.yaml
  mining_result_file: /out/result.tsv
  mining_details_file: /out/mining-details.jsonl
  infer_result_file: /out/infer-result.json
  monitor_file: /out/monitor.txt
  executor_log_file: /out/ymir-executor-out.log
`

test('env.yaml of a training has every key of the protocol', () => {
  expect(environmentFile('00-abc', ['TRAINING'])).toBe(ofTraining.trimStart())
})

test('env.yaml of mining and inference names the candidates and no training set', () => {
  const { input, ...rest } = parse(environmentFile('00-abc', ['MINING', 'INFERENCE'])) as Record<
    string,
    unknown
  >
  expect(rest).toMatchObject({ run_training: false, run_mining: true, run_infer: true })
  expect(input).toEqual({
    root_dir: '/in',
    assets_dir: '/in/assets',
    annotations_dir: '/in/annotations',
    models_dir: '/in/models',
    training_index_file: '',
    val_index_file: '',
    candidate_index_file: '/in/candidate-index.tsv',
    config_file: '/in/config.yaml',
  })
})
