import { expect, test } from 'vitest'
import { Candidates } from './candidates.ts'
import { parseInferenceResult } from './inference-result.ts'

const candidates = new Candidates(['/in/assets/aa/1aa.jpg', '/in/assets/bb/2bb.png'])
const box = { x: 1, y: 2.5, w: 30, h: 40 }
const cat = { box, class_name: 'cat', score: 0.9 }
const read = { label: 'cat', score: 0.9, box: { x: 1, y: 2.5, width: 30, height: 40 } }
const parse = (content: unknown) => parseInferenceResult(JSON.stringify(content), candidates)
const annotationsOf = (content: unknown) => parse(content).map(({ annotations }) => annotations)

test.each(['boxes', 'annotations'])('the list of an image may be called %s', (key) => {
  expect(annotationsOf({ detection: { '1aa.jpg': { [key]: [cat] }, '2bb.png': { [key]: [] } } })).toEqual([
    [read],
    [],
  ])
})

test('images are named by base name, by full path, or by both', () => {
  const named = {
    '/in/assets/aa/1aa.jpg': { boxes: [cat] },
    '1aa.jpg': { boxes: [cat] },
    '2bb.png': { boxes: [cat] },
  }
  expect(annotationsOf({ detection: named })).toEqual([[read, read], [read]])
})

test('an image that the file does not name has no predictions', () => {
  expect(parse({ detection: { '2bb.png': { boxes: [cat] } } })).toEqual([
    { assetId: '1aa', annotations: [] },
    { assetId: '2bb', annotations: [read] },
  ])
  expect(annotationsOf({ detection: {} })).toEqual([[], []])
})

test('numbers as texts, class names as numbers, angles and unknown keys are understood', () => {
  const odd = { box: { ...box, x: '1', rotate_angle: 0.5 }, class_name: 7, score: '0.9', class_id: 3 }
  expect(annotationsOf({ detection: { '1aa.jpg': { boxes: [odd] } }, version: 1 })[0]).toEqual([
    { ...read, label: '7' },
  ])
})

const place = '/out/infer-result.json'
test.each([
  ['no JSON', '{"detection": {\n"1aa.jpg": NaN}}', /^\/out\/infer-result\.json:2: /],
  ['cut', '{"detection": {\n\n', /^\/out\/infer-result\.json:3: /],
  ['without detections', '{}', /^\/out\/infer-result\.json:1: detection: /],
  [
    'with an image that was not asked for',
    '{"detection": {\n"9zz.jpg": {"boxes": []}}}',
    `${place}:2: detection/9zz.jpg: "9zz.jpg" is no image of /in/candidate-index.tsv`,
  ],
  [
    'with an image without a list',
    '{"detection": {\n"1aa.jpg": {}}}',
    /:2: detection\/1aa\.jpg: has neither boxes nor/,
  ],
  [
    'with a box that has no width',
    '{"detection": {"1aa.jpg": {"boxes": [\n{"box": {"x": 1, "y": 2, "h": 3}, "class_name": "cat", "score": 1}]}}}',
    /: detection\/1aa\.jpg\/boxes\/0\/box\/w: is not a finite number/,
  ],
  [
    'with a score of null',
    '{"detection": {"1aa.jpg": {"boxes": [{"box": {"x":1,"y":2,"w":3,"h":4}, "class_name": "cat", "score": null}]}}}',
    /boxes\/0\/score: is not a finite number/,
  ],
  [
    'a COCO object, as segmentation writes it',
    '{"images": [{"id": 1, "file_name": "1aa.jpg"}],\n"annotations": [{"segmentation": {"counts": "xx"}}], "categories": []}',
    `${place}:2: annotations: segmentation (a COCO object) is not read here yet, boxes are`,
  ],
])('an infer-result.json that is %s is refused with its line', (_, text, message) => {
  expect(() => parseInferenceResult(text, candidates)).toThrow(
    expect.objectContaining({ code: 'CONTRACT_VIOLATION' }) as Error,
  )
  expect(() => parseInferenceResult(text, candidates)).toThrow(message)
})
