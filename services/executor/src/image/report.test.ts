import { expect, test } from 'vitest'
import type { Inspection } from '../driver/driver.ts'
import { errorsOf, reportOn } from './report.ts'

const script = { path: '/usr/bin/start.sh', present: true }
const start = { command: ['bash', '/usr/bin/start.sh'], script }

/** An image with a training template and these files of /img-man. */
function anImage(files: Record<string, string> = {}, more: Partial<Inspection> = {}): Inspection {
  const all = { 'training-template.yaml': 'learning_rate: 0.1\nepochs: 3\n', ...files }
  return { files: new Map(Object.entries(all)), digest: null, start, ...more }
}

const textsOf = (inspection: Inspection, level?: string) =>
  reportOn(inspection)
    .lines.filter((line) => !level || line.level === level)
    .map(({ text }) => text)

test('a report tells what an image can do and how it is started', () => {
  expect(textsOf(anImage({ 'infer-template.yaml': 'threshold: 0.5' }))).toEqual([
    'training: yes (2 parameters)',
    'mining: no template',
    'inference: yes (1 parameter)',
    'object type: 2 (detection)',
    'network: none (manifest.yaml has no "network: true")',
    'going on from a stage: no (training-template.yaml has no pretrained_model_params)',
    'start command: bash /usr/bin/start.sh',
    '/usr/bin/start.sh: present',
  ])
})

test('an image that tells what it sees says so in its manifest', () => {
  const minesBy = (manifest: string) =>
    textsOf(anImage({ 'mining-template.yaml': 'a: 1', 'manifest.yaml': manifest })).find((text) =>
      text.startsWith('what it sees'),
    )
  expect(minesBy('object_type: 2\nmining_details: true\n')).toMatch(/told, the platform can choose$/)
  expect(minesBy('object_type: 2\n')).toMatch(/manifest.yaml has no "mining_details: true"/)
})

test('reserved keys, an unknown export format and a bad shm_size are warned of; the image is taken', () => {
  const template = 'gpu_id: 9\ntask_id: x\nexport_format: papyrus:raw\nshm_size: much\n'
  const report = reportOn(anImage({ 'training-template.yaml': template }))
  expect(report.description?.kinds).toEqual(['TRAINING'])
  const warnings = report.lines.filter(({ level }) => level === 'WARNING').map(({ text }) => text)
  expect(warnings).toEqual([
    'training-template.yaml sets gpu_id, task_id: the platform writes its own values',
    expect.stringMatching(
      /^training-template.yaml: export_format "papyrus:raw": .* unknown; such a job is refused$/,
    ),
    expect.stringMatching(/^training-template.yaml: shm_size is "much"/),
  ])
})

test('an image without a template, or with one that is not YAML, is refused with the file named', () => {
  const nothing = reportOn({ files: new Map(), digest: null, start })
  expect(nothing.description).toBeUndefined()
  expect(errorsOf(nothing)).toEqual([expect.stringContaining('/img-man/ has none of training-template.yaml')])
  const broken = reportOn(anImage({ 'training-template.yaml': 'a: [1,' }))
  expect(broken.description).toBeUndefined()
  expect(errorsOf(broken)).toEqual([expect.stringContaining('/img-man/training-template.yaml is not YAML')])
})

test('a start script that is started and missing is an error; one that nobody starts is not', () => {
  const gone = { path: '/usr/bin/start.sh', present: false }
  const started = reportOn(anImage({}, { start: { ...start, script: gone } }))
  expect(errorsOf(started)).toEqual(['/usr/bin/start.sh: missing, but it is what the image starts'])
  expect(started.description).toBeUndefined()
  const own = reportOn(anImage({}, { start: { command: ['python', 'main.py'], script: gone } }))
  expect(errorsOf(own)).toEqual([])
  expect(own.lines).toContainEqual({
    level: 'WARNING',
    text: '/usr/bin/start.sh: missing; the contract has the image start there',
  })
})

test('of several object types the folders are read, and those that cannot be used are warned of', () => {
  const inspection: Inspection = {
    files: new Map([
      ['manifest.yaml', 'object_type: [2, 3, 4]\nnetwork: true\n'],
      ['det/training-template.yaml', 'epochs: 3\n'],
      ['semantic-seg/training-template.yaml', 'a: [1,'],
      ['training-template.yaml', 'epochs: 3\n'],
    ]),
    digest: null,
  }
  expect(reportOn(inspection).description).toMatchObject({ objectTypes: [2, 3, 4], asksForNetwork: true })
  expect(textsOf(inspection, 'FACT')).toEqual([
    ...['training: yes (1 parameter)', 'mining: no template', 'inference: no template'],
    'object type: 2 (detection)',
    'object type: 3 (semantic segmentation)',
    'object type: 4 (instance segmentation)',
    'network: asked for; an administrator must allow it',
    'going on from a stage: no (training-template.yaml has no pretrained_model_params)',
  ])
  expect(textsOf(inspection, 'WARNING')).toEqual([
    '/img-man/instance-seg/ has no template, though manifest.yaml names its object type',
    '/img-man/training-template.yaml is not used: manifest.yaml does not ask for that folder',
    '/img-man/semantic-seg/training-template.yaml is not YAML',
  ])
})
