/** Whole jobs under the contract: folders in, folders out. */
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { JobFolders } from '../contract/paths.ts'
import type { LabelledImage } from '../objects.ts'
import { tinyImages } from '../testing/tiny-images.ts'
import { runJob } from './run-job.ts'

const root = mkdtempSync(join(tmpdir(), 'ymir-job-'))
afterAll(() => rmSync(root, { recursive: true }))

type Work = 'training' | 'mining' | 'infer' | 'mining and infer'

let images: LabelledImage[]
let imageFolder: string
beforeAll(async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(console, 'warn').mockReturnValue()
  vi.spyOn(console, 'error').mockReturnValue()
  imageFolder = join(root, 'images')
  mkdirSync(imageFolder)
  images = await tinyImages(imageFolder, 6)
})

/** The folders of a job as the platform prepares them. */
function prepare(name: string, work: Work, config: string): JobFolders {
  const folders = { input: join(root, name, 'in'), output: join(root, name, 'out') }
  const write = (path: string, content: string) => writeFileSync(join(folders.input, path), content)
  for (const folder of ['assets/aa', 'annotations/aa', 'models'])
    mkdirSync(join(folders.input, folder), { recursive: true })
  mkdirSync(folders.output, { recursive: true })
  const lines = images.map(({ path, objects }) => {
    const file = basename(path)
    cpSync(path, join(folders.input, 'assets/aa', file))
    const boxes = objects.map(({ label, box: { x, y, width, height } }) => {
      const bndbox = `<xmin>${x}</xmin><ymin>${y}</ymin><xmax>${x + width - 1}</xmax><ymax>${y + height - 1}</ymax>`
      return `<object><name>${label}</name><bndbox>${bndbox}</bndbox></object>`
    })
    const annotation = file.replace('.png', '.xml')
    write(`annotations/aa/${annotation}`, `<annotation>${boxes.join('')}</annotation>`)
    return `/in/assets/aa/${file}\t/in/annotations/aa/${annotation}\n`
  })
  const trains = work === 'training'
  if (trains) {
    write('train-index.tsv', lines.slice(0, 4).join(''))
    write('val-index.tsv', lines.slice(4).join(''))
  } else write('candidate-index.tsv', lines.map((line) => line.split('\t')[0]).join('\n'))
  write(
    'config.yaml',
    `task_id: t1\nclass_names: [disc, square]\ngpu_id: ''\nobject_type: 2\nthreads: 1\n${config}`,
  )
  write(
    'env.yaml',
    `protocol_version: 1.1.0
task_id: t1
run_training: ${trains}
run_mining: ${work.includes('mining')}
run_infer: ${work.includes('infer')}
input:
  root_dir: /in
  training_index_file: ${trains ? '/in/train-index.tsv' : "''"}
  val_index_file: ${trains ? '/in/val-index.tsv' : "''"}
  candidate_index_file: ${trains ? "''" : '/in/candidate-index.tsv'}
  config_file: /in/config.yaml
output:
  models_dir: /out/models
  tensorboard_dir: /out/tensorboard
  training_result_file: /out/models/result.yaml
  mining_result_file: /out/result.tsv
  mining_details_file: /out/mining-details.jsonl
  infer_result_file: /out/infer-result.json
  monitor_file: /out/monitor.txt
`,
  )
  return folders
}

const quick =
  'network: tiny\nsteps: 60\nbatch_size: 4\ninput_size: 64\nevaluate_every: 30\nlearning_rate: 0.006\nwarmup_steps: 5\n'
const output = (folders: JobFolders, name: string) => readFileSync(join(folders.output, name), 'utf8')
const monitorOf = (folders: JobFolders) => output(folders, 'monitor.txt').split('\n')[0]?.split('\t')

const trainingResult = z.object({
  best_stage_name: z.string(),
  mAP: z.number(),
  model_stages: z.record(
    z.string(),
    z.object({ stage_name: z.string(), files: z.array(z.string()), timestamp: z.int(), mAP: z.number() }),
  ),
})
const detailsBoxes = z.array(
  z.object({
    box: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    probabilities: z.array(z.number().min(0).max(1)).length(2),
  }),
)
const detailsLine = z.object({
  image: z.string(),
  head: z.literal('softmax'),
  boxes: detailsBoxes,
  views: z.array(z.object({ name: z.string(), boxes: detailsBoxes })),
  embedding: z.array(z.number()).length(8),
  maps: z.tuple([z.object({ columns: z.int(), rows: z.int(), values: z.array(z.number().min(0).max(1)) })]),
})
const inferResult = z.object({
  detection: z.record(
    z.string(),
    z.object({
      boxes: z.array(
        z.object({
          box: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
          class_name: z.enum(['disc', 'square']),
          score: z.number().min(0).max(1),
        }),
      ),
    }),
  ),
})

describe('a job', () => {
  it('trains, then goes on, mines and infers with what it trained', async () => {
    const training = prepare('training', 'training', quick)
    expect(await runJob(training)).toBe(0)
    expect(monitorOf(training)?.slice(2)).toEqual(['1.0000', '3'])
    const result = trainingResult.parse(parse(output(training, 'models/result.yaml')))
    expect(Object.keys(result.model_stages)).toEqual(['step_30', 'step_60'])
    const best = result.model_stages[result.best_stage_name]
    expect(best?.mAP).toBe(result.mAP)
    for (const file of best?.files ?? [])
      expect(existsSync(join(training.output, 'models', result.best_stage_name, file))).toBe(true)
    expect(readdirSync(join(training.output, 'tensorboard'))[0]).toMatch(/tfevents/)

    const stage = join(training.output, 'models', result.best_stage_name)
    const files = (best?.files ?? []).map((file) => `/in/models/best/${file}`).join(', ')
    const withModel = (name: string, work: Work, config: string) => {
      const folders = prepare(name, work, config)
      cpSync(stage, join(folders.input, 'models/best'), { recursive: true })
      return folders
    }

    const resumed = withModel(
      'resumed',
      'training',
      `pretrained_model_params: [${files}]\nsteps: 6\nbatch_size: 4\ninput_size: 64\nlearning_rate: 0.001\n`,
    )
    expect(await runJob(resumed)).toBe(0)
    const after = trainingResult.parse(parse(output(resumed, 'models/result.yaml')))
    expect(after.mAP).toBeGreaterThanOrEqual(result.mAP - 0.1)

    const both = withModel(
      'both',
      'mining and infer',
      `model_params_path: [${files}]\nstrategy: margin\nviews: flip, darker\nheat_maps: true\n`,
    )
    expect(await runJob(both)).toBe(0)
    const scores = output(both, 'result.tsv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(scores.map(([name]) => name).sort()).toEqual(
      images.map(({ path }) => `/in/assets/aa/${basename(path)}`),
    )
    const numbers = scores.map(([, score]) => Number(score))
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
    const found = inferResult.parse(JSON.parse(output(both, 'infer-result.json'))).detection
    expect(Object.keys(found).sort()).toEqual(images.map(({ path }) => basename(path)))
    expect(Object.values(found).some(({ boxes }) => boxes.length > 0)).toBe(true)

    const told = output(both, 'mining-details.jsonl').trimEnd().split('\n')
    const details = told.map((line) => detailsLine.parse(JSON.parse(line)))
    expect(details.map(({ image }) => image)).toEqual(
      images.map(({ path }) => `/in/assets/aa/${basename(path)}`),
    )
    expect(details.some(({ boxes }) => boxes.length > 0)).toBe(true)
    for (const { maps } of details) expect(maps[0].values).toHaveLength(maps[0].columns * maps[0].rows)
    for (const { views } of details) expect(views.map(({ name }) => name)).toEqual(['flip', 'darker'])
    expect(new Set(details.map(({ embedding }) => embedding.join())).size).toBeGreaterThan(1)

    // as the process driver does it: the folder's entry point, the folders in the environment
    const infer = withModel('infer', 'infer', `model_params_path: [${files}]\n`)
    const start = fileURLToPath(new URL('../../start.sh', import.meta.url))
    const environment = { ...process.env, YMIR_IN: infer.input, YMIR_OUT: infer.output }
    const [code] = (await once(spawn('bash', [start], { env: environment, cwd: root }), 'exit')) as [number] // no signal
    expect(code).toBe(0)
    expect(existsSync(join(infer.output, 'result.tsv'))).toBe(false)
    expect(inferResult.parse(JSON.parse(output(infer, 'infer-result.json'))).detection).toEqual(found)
  }, 60_000)
})

describe('a job that cannot be done exits with 1 and says why in monitor.txt', () => {
  const cases: Record<string, readonly [Work, string, (folders: JobFolders) => void, string, RegExp]> = {
    'annotation folder missing': [
      'training',
      quick,
      ({ input }) => rmSync(join(input, 'annotations'), { recursive: true }),
      '300002',
      /0\.xml: the annotation file cannot be read/,
    ],
    'no training images': [
      'training',
      quick,
      ({ input }) => writeFileSync(join(input, 'train-index.tsv'), ''),
      '300002',
      /no training images/,
    ],
    'no objects of the classes': [
      'training',
      `${quick}`,
      ({ input }) => rewrite(input, 'disc, square', 'ship'),
      '300002',
      /classes ship/,
    ],
    'an image that is none': [
      'training',
      quick,
      ({ input }) => writeFileSync(join(input, 'assets/aa/2.png'), 'no image'),
      '300003',
      /2\.png: the image cannot be read/,
    ],
    'no model': [
      'infer',
      'model_params_path: []',
      () => undefined,
      '300004',
      /model_params_path has no \.onnx/,
    ],
    'a model file that is missing': [
      'mining',
      'model_params_path: [/in/models/x/model.onnx]',
      () => undefined,
      '300004',
      /model\.onnx: .* cannot be read/,
    ],
    'a model file of another kind': [
      'infer',
      'model_params_path: [/in/models/model.onnx]',
      ({ input }) => writeFileSync(join(input, 'models/model.onnx'), 'x'),
      '300004',
      /no ONNX detector of this executor/,
    ],
    'pretrained weights missing': [
      'training',
      `${quick}pretrained_model_params: [/in/models/a.pt]`,
      () => undefined,
      '300004',
      /no \.safetensors file/,
    ],
    'bad configuration': ['training', 'steps: none', () => undefined, '300001', /steps: must be a number/],
    'no env.yaml': [
      'training',
      quick,
      ({ input }) => rmSync(join(input, 'env.yaml')),
      '300001',
      /env\.yaml cannot be read/,
    ],
  }

  function rewrite(input: string, from: string, to: string): void {
    const path = join(input, 'config.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  }

  for (const [name, [work, config, spoil, code, message]] of Object.entries(cases))
    it(
      name,
      async () => {
        const folders = prepare(`failing-${name}`, work, config)
        spoil(folders)
        expect(await runJob(folders)).toBe(1)
        const [, , , state, errorCode, text] = monitorOf(folders) ?? []
        expect([state, errorCode]).toEqual(['4', code])
        expect(text).toMatch(message)
      },
      20_000,
    )
})
