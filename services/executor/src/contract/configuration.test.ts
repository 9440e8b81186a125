import { expect, test } from 'vitest'
import { describeImage } from '../image/image.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { configurationOf, reservedKeys, sharedMemoryBytes } from './configuration.ts'

const jobId = '0193a5c8-0000-7000-8000-00000000000a'
const files = {
  'training-template.yaml': `learning_rate: 0.01\nexport_format: 'ark:raw'\n${reservedKeys.map((key) => `${key}: mine`).join('\n')}`,
  'mining-template.yaml': 'batch: 4\nshared: mining\nclass_names: [x]',
  'infer-template.yaml': 'threshold: 0.1\nshared: infer',
}
const stage = { name: 'epoch_2', files: ['a.onnx', 'b.json'].map((name) => ({ name, sha256: '', size: 1 })) }

function configuration(
  kinds: readonly JobKind[],
  request: Partial<JobRequest> = {},
  { gpuCount = 0, imageFiles = files as Record<string, string> } = {},
) {
  const image = describeImage(new Map(Object.entries(imageFiles)))
  return configurationOf({
    ...{ jobId, kinds, image, gpuCount },
    request: { classNames: ['cat', 'dog'], parameters: {}, ...request },
  })
}

const ofEveryJob = {
  task_id: 't0193a5c800007000800000000000000a',
  class_names: ['cat', 'dog'],
  gpu_id: '',
  gpu_count: 0,
  object_type: 2,
}

test('a training from scratch has the template, the parameters over it, and no pretrained model', () => {
  expect(configuration(['TRAINING'], { parameters: { learning_rate: 0.5, more: [1, { x: 'y' }] } })).toEqual({
    ...ofEveryJob,
    learning_rate: 0.5,
    export_format: 'ark:raw',
    more: [1, { x: 'y' }],
  })
})

test('reserved keys win over the template and over parameters', () => {
  const parameters = Object.fromEntries(reservedKeys.map((key) => [key, 'theirs']))
  for (const kinds of [['TRAINING'], ['MINING', 'INFERENCE']] as JobKind[][]) {
    const values = Object.values(configuration(kinds, { parameters, stage }))
    expect(values).not.toContain('mine')
    expect(values).not.toContain('theirs')
  }
})

test('a training that goes on names the files of the stage', () => {
  const { pretrained_model_params: paths, ...rest } = configuration(['TRAINING'], { stage })
  expect(paths).toEqual(['/in/models/epoch_2/a.onnx', '/in/models/epoch_2/b.json'])
  expect(rest).not.toHaveProperty('model_params_path')
})

test('mining and inference together have both templates, the model, and what is to be run', () => {
  expect(configuration(['MINING', 'INFERENCE'], { stage })).toMatchObject({
    ...{ batch: 4, threshold: 0.1, shared: 'infer', class_names: ['cat', 'dog'] },
    model_params_path: ['/in/models/epoch_2/a.onnx', '/in/models/epoch_2/b.json'],
    ...{ run_mining: true, run_infer: true },
  })
  expect(configuration(['MINING'])).toMatchObject({ run_mining: true, run_infer: false, shared: 'mining' })
})

test('GPUs are counted from 0, as the image sees them, in one text', () => {
  expect(configuration(['TRAINING'], {}, { gpuCount: 1 })).toMatchObject({ gpu_id: '0', gpu_count: 1 })
  expect(configuration(['TRAINING'], {}, { gpuCount: 3 })).toMatchObject({ gpu_id: '0,1,2', gpu_count: 3 })
})

test('of an image for several object types the templates for detection are taken, else those of the first', () => {
  const imageFiles = {
    'manifest.yaml': 'object_type: [3, 2]',
    'semantic-seg/training-template.yaml': 'network: fcn',
    'det/training-template.yaml': 'network: yolo',
  }
  expect(configuration(['TRAINING'], {}, { imageFiles })).toMatchObject({ network: 'yolo', object_type: 2 })
  const masks = { ...imageFiles, 'manifest.yaml': 'object_type: [3, 4]' }
  expect(configuration(['TRAINING'], {}, { imageFiles: masks })).toMatchObject({
    network: 'fcn',
    object_type: 3,
  })
})

test('an image without a template for what is asked is refused, and what it does is named', () => {
  const imageFiles = { 'training-template.yaml': '', 'infer-template.yaml': '' }
  expect(() => configuration(['MINING', 'INFERENCE'], {}, { imageFiles })).toThrow(
    'the executor image has no template for MINING; it does TRAINING, INFERENCE',
  )
})

test('inference by an image for segmentation is refused before anything starts', () => {
  const imageFiles = { 'manifest.yaml': 'object_type: 4', 'infer-template.yaml': '' }
  expect(() => configuration(['INFERENCE'], {}, { imageFiles })).toThrow('only boxes are read here yet')
})

test('shared memory is what shm_size says, else 16 GiB for each GPU and at least one', () => {
  const gibibyte = 2 ** 30
  expect(sharedMemoryBytes({}, 0)).toBe(16 * gibibyte)
  expect(sharedMemoryBytes({}, 2)).toBe(32 * gibibyte)
  expect(sharedMemoryBytes({ shm_size: '128G' }, 2)).toBe(128 * gibibyte)
  expect(sharedMemoryBytes({ shm_size: '512 MiB' }, 1)).toBe(512 * 2 ** 20)
  expect(() => sharedMemoryBytes({ shm_size: 'plenty' }, 1)).toThrow('write a size such as 16G')
})
