/** env.yaml, config.yaml and the index files, as strict and as tolerant as the contract asks. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  readDetectionConfiguration,
  readMiningConfiguration,
  readTrainingConfiguration,
} from './configuration.ts'
import { readEnvironment } from './environment.ts'
import { ExecutorFailure } from './failure.ts'
import { readCandidateIndex, readTrainingIndex } from './index-files.ts'
import { Monitor } from './monitor.ts'
import { jobFolders, localPath } from './paths.ts'

const root = mkdtempSync(join(tmpdir(), 'ymir-contract-'))
afterAll(() => rmSync(root, { recursive: true }))
const folders = { input: join(root, 'in'), output: join(root, 'out') }
mkdirSync(folders.input)
mkdirSync(folders.output)

function write(name: string, content: string): string {
  const path = join(folders.input, name)
  writeFileSync(path, content)
  return path
}

describe('paths', () => {
  it('of the container are moved to the job’s folders, others stay', () => {
    expect(localPath('/in/assets/aa/1.jpg', folders)).toBe(join(folders.input, 'assets/aa/1.jpg'))
    expect(localPath('/out', folders)).toBe(folders.output)
    expect(localPath('/input/x', folders)).toBe('/input/x')
    expect(localPath('assets/1.jpg', folders)).toBe(join(folders.input, 'assets/1.jpg'))
  })

  it('are those of the container unless the environment says otherwise', () => {
    expect(jobFolders({})).toEqual({ input: '/in', output: '/out' })
    expect(jobFolders({ YMIR_IN: '/a', YMIR_OUT: '/b' })).toEqual({ input: '/a', output: '/b' })
    expect(localPath('/in/assets/1.jpg', { input: '/in', output: '/out' })).toBe('/in/assets/1.jpg')
  })
})

describe('env.yaml', () => {
  it('of a training job as the contract shows it', async () => {
    write(
      'env.yaml',
      `protocol_version: 1.1.0
task_id: t0000001000000abc
run_training: true
run_mining: false
run_infer: false
manifest_file: /img-man/manifest.yaml
input: {root_dir: /in, training_index_file: /in/train-index.tsv, val_index_file: /in/val-index.tsv, candidate_index_file: '', config_file: /in/config.yaml}
output: {root_dir: /out, models_dir: /out/models, tensorboard_dir: /out/tensorboard, monitor_file: /out/monitor.txt}
`,
    )
    const environment = await readEnvironment(folders)
    expect(environment).toMatchObject({ taskId: 't0000001000000abc', runTraining: true, runMining: false })
    expect(environment.files.trainingIndex).toBe(join(folders.input, 'train-index.tsv'))
    expect(environment.files.candidateIndex).toBeUndefined()
    expect(environment.files.trainingResult).toBe(join(folders.output, 'models/result.yaml'))
  })

  it.each([
    ['nothing', 'task_id: 1\nrun_training: false', /asks for nothing/],
    [
      'two kinds of work',
      'task_id: 1\nrun_training: true\nrun_infer: true',
      /asks for training together with/,
    ],
    ['no task', 'run_training: true', /task_id/],
    ['no YAML', '{', /cannot be read/],
  ])('that asks for %s is bad configuration', async (_, content, message) => {
    write('env.yaml', content)
    await expect(readEnvironment(folders)).rejects.toMatchObject({
      code: 300001,
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('config.yaml of a training', () => {
  const read = (content: string) => readTrainingConfiguration(write('config.yaml', content), folders)

  it('is the template with reserved keys, numbers also as text', async () => {
    const template = readFileSync(new URL('../../img-man/training-template.yaml', import.meta.url), 'utf8')
    const given = template.replace(
      'pretrained_model_params: []',
      'pretrained_model_params: [/in/models/s/w.safetensors]',
    )
    const configuration = await read(`${given}\nclass_names: [0, '1x2']\ntask_id: t`)
    expect(configuration.classNames).toEqual(['0', '1x2'])
    expect(configuration.pretrainedFiles).toEqual([join(folders.input, 'models/s/w.safetensors')])
    expect(configuration.annotationFormat).toBe('voc')
    const asText = await read(`class_names: [a]\nsteps: '12'\nflip_vertical: 'True'\nlearning_rate: '1e-3'`)
    expect(asText.parameters).toMatchObject({
      steps: 12,
      learningRate: 0.001,
      augmentation: { flipVertical: true },
    })
  })

  it('without any hyper-parameter is what the template says', async () => {
    const template = readFileSync(new URL('../../img-man/training-template.yaml', import.meta.url), 'utf8')
    expect(await read('class_names: [a]')).toEqual(await read(`${template}\nclass_names: [a]`))
  })

  it.each([
    ['no classes', 'class_names: []', 300001, /class_names is empty/],
    ['a class twice', 'class_names: [a, a]', 300001, /"a" twice/],
    ['no number', 'class_names: [a]\nsteps: many', 300001, /steps: must be a number/],
    ['too many stages', 'class_names: [a]\nsave_stages: 11', 300001, /save_stages: must be 10 or less/],
    [
      'an unknown export format',
      'class_names: [a]\nexport_format: tf:raw',
      300001,
      /"tf:raw" is not known; use one of voc/,
    ],
    ['segmentation', 'class_names: [a]\nobject_type: 3', 300005, /object detection \(2\) only/],
  ])('with %s is refused', async (_, content, code, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('config.yaml of mining and inference', () => {
  it('without any hyper-parameter is what the templates say', async () => {
    const template = (name: string) =>
      readFileSync(new URL(`../../img-man/${name}-template.yaml`, import.meta.url), 'utf8')
    const bare = write('bare.yaml', 'class_names: [a]')
    const infer = write('infer.yaml', `${template('infer')}\nclass_names: [a]`)
    const mining = write('mining.yaml', `${template('mining')}\nclass_names: [a]`)
    expect(await readDetectionConfiguration(bare, folders)).toEqual(
      await readDetectionConfiguration(infer, folders),
    )
    expect(await readMiningConfiguration(bare)).toEqual(await readMiningConfiguration(mining))
  })

  it('with an unknown strategy names those that exist', async () => {
    const path = write('config.yaml', 'strategy: psychic')
    await expect(readMiningConfiguration(path)).rejects.toThrow(/strategy: .*least_confidence/)
  })
})

describe('index files', () => {
  it('pair images with annotations, whatever the line ends', async () => {
    const path = write('train-index.tsv', '/in/a.jpg\t/in/a.xml\r\n\n/in/b.jpg\t/in/b.xml')
    const index = await readTrainingIndex(path, 'training', folders)
    expect(index.map(({ name, annotation }) => [name, annotation])).toEqual([
      ['/in/a.jpg', join(folders.input, 'a.xml')],
      ['/in/b.jpg', join(folders.input, 'b.xml')],
    ])
  })

  it.each([
    ['empty', '', /no training images/],
    ['without annotations', '/in/a.jpg\n', /index\.tsv:1: /],
  ])('that are %s are no data', async (_, content, message) => {
    const path = write('index.tsv', content)
    await expect(readTrainingIndex(path, 'training', folders)).rejects.toMatchObject({
      code: 300002,
      message: expect.stringMatching(message) as string,
    })
  })

  it('that are missing are no data', async () => {
    await expect(readCandidateIndex(join(folders.input, 'none.tsv'), folders)).rejects.toMatchObject({
      code: 300002,
    })
    await expect(readCandidateIndex(undefined, folders)).rejects.toMatchObject({ code: 300002 })
  })
})

describe('monitor.txt', () => {
  const path = join(folders.output, 'monitor.txt')
  const fields = () => readFileSync(path, 'utf8').split('\n')[0]?.split('\t')

  it('has task, time, progress and state, and never goes back', () => {
    const monitor = new Monitor(path, 't1')
    monitor.running(0.5)
    expect(fields()).toEqual(['t1', expect.stringMatching(/^\d{10}$/), '0.5000', '2'])
    monitor.running(0.25)
    monitor.failed(new ExecutorFailure('NO_DATA', 'no\n images'))
    expect(fields()).toEqual(['t1', expect.any(String), '0.5000', '4', '300002', 'no images'])
    expect(readFileSync(path, 'utf8')).toContain('\nExecutorFailure: no\n images\n    at ')
    monitor.done()
    expect(fields()?.slice(2)).toEqual(['1.0000', '3'])
  })
})
