import { expect, test } from 'vitest'
import { parseTrainingResult } from './training-result.ts'

const violation = (message: RegExp) =>
  expect.objectContaining({ code: 'CONTRACT_VIOLATION', message: expect.stringMatching(message) as string })

test('stages come with their files, metrics and time, however they are laid out', () => {
  const { stages, bestStageName } = parseTrainingResult(`
best_stage_name: epoch_50
mAP: 0.8
model_stages:
  epoch_10: {stage_name: epoch_10, files: [a.onnx], timestamp: 1663934682, mAP: 0.6, mAR: 0.6, TP: 50, fp: 30}
  epoch_50:
    stage_name: epoch_50
    files:
    - a.onnx
    - 'b c.json'
    timestamp: 1663935000.25
    metrics: {maskAP: 0.7, boxAP: .nan}
evaluate_config: {iou_thr: 0.5, conf_thr: 0.005}
attachments: {section name: [curve.png]}
`)
  expect(bestStageName).toBe('epoch_50')
  expect(stages).toEqual([
    {
      name: 'epoch_10',
      files: ['a.onnx'],
      savedAt: 1663934682,
      metrics: { mAP: 0.6, mAR: 0.6, tp: 50, fp: 30 },
    },
    { name: 'epoch_50', files: ['a.onnx', 'b c.json'], savedAt: 1663935000.25, metrics: { maskAP: 0.7 } },
  ])
})

test('the oldest form, without stages, is one stage', () => {
  expect(parseTrainingResult('model: [best.weights, net.cfg]\nmap: 0.8\n')).toEqual({
    stages: [{ name: 'default', files: ['best.weights', 'net.cfg'], metrics: { mAP: 0.8 } }],
    bestStageName: 'default',
  })
  expect(parseTrainingResult('model: best.pt').stages[0]).toMatchObject({ files: ['best.pt'], metrics: {} })
})

test('names that look like numbers or booleans stay as they are written', () => {
  const text = 'best_stage_name: 010\nmodel_stages:\n  010: {files: [1.0]}\n  no: {files: [2e3], mAP: 0.9}\n'
  const { stages, bestStageName } = parseTrainingResult(text)
  expect(stages.map(({ name, files }) => [name, files])).toEqual([
    ['010', ['1.0']],
    ['no', ['2e3']],
  ])
  expect(bestStageName).toBe('010')
})

test('more than ten stages are all kept', () => {
  const lines = Array.from(
    { length: 12 },
    (_, index) => `  ${index + 1}: {files: [m${index}.pt], mAP: 0.${index}}`,
  )
  const { stages, bestStageName } = parseTrainingResult(
    `best_stage_name: 12\nmodel_stages:\n${lines.join('\n')}\n`,
  )
  expect(stages).toHaveLength(12)
  expect(bestStageName).toBe('12')
})

test.each([
  ['is missing', ''],
  ['is not in the list', 'best_stage_name: epoch_9'],
  ['is empty', 'best_stage_name:'],
])('when the best stage %s, it is the one with the highest metric, the later of equals', (_, line) => {
  const stages = 'a: {files: [a], mIoU: 0.5}\n  b: {files: [b], mIoU: 0.7}\n  c: {files: [c], mIoU: 0.7}'
  expect(parseTrainingResult(`${line}\nmodel_stages:\n  ${stages}\n`).bestStageName).toBe('c')
})

test('a metric told once for the whole file is that of the best stage', () => {
  const text = 'best_stage_name: b\nmAP: 0.8\nmodel_stages: {a: {files: [a]}, b: {files: [b]}}'
  expect(parseTrainingResult(text).stages.map(({ metrics }) => metrics)).toEqual([{}, { mAP: 0.8 }])
})

test('of two entries for one stage the later stands', () => {
  const text = 'model_stages: {a: {stage_name: x, files: [old]}, b: {stage_name: x, files: [new]}}'
  expect(parseTrainingResult(text).stages).toMatchObject([{ name: 'x', files: ['new'] }])
})

const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
  .split('')
  .map((name, index) => {
    const before = 'abcdefgh'.charAt(index)
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`
  })
  .join('\n')}\n`

test.each([
  ['half-written', 'model_stages:\n  a: {files: [a', /^\/out\/models\/result\.yaml:2: /],
  ['without stages', 'best_stage_name: x\nmodel_stages: {}\n', /result\.yaml:2: model_stages has no stage/],
  ['empty', '', /result\.yaml:1: /],
  ['a text', 'done', /result\.yaml:1: /],
  [
    'with a stage without files',
    'model_stages:\n  a:\n    mAP: 1\n',
    /result\.yaml:3: model_stages\.a\.files /,
  ],
  [
    'with an empty list of files',
    'model_stages:\n  a:\n    files: []\n',
    /:3: model_stages\.a\.files names no files/,
  ],
  ['a bomb of aliases', bomb, /result\.yaml:1: .*alias/i],
])('a result.yaml that is %s is refused with its line', (_, text, message) => {
  expect(() => parseTrainingResult(text)).toThrow(violation(message))
})
