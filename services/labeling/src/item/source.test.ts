import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'

const box = { x: 10, y: 10, width: 20, height: 20 }
const flags = { difficult: false, truncated: false, crowd: false }
const item = { answeredBy: 'ada', predictions: [{ label: 'brick', box, score: 0.9 }] }
const task = { automaticLabellerId: null, predictions: { sha256: 'a', size: 1, stageId: 'stage' } }

test('a box taken over as the model found it is the model’s; one that somebody turned is theirs', () => {
  const annotation = { label: 'brick', box, ...flags }
  expect(sourceOf(annotation, item, task)).toEqual({ kind: 'MODEL', id: 'stage' })
  expect(sourceOf({ ...annotation, rotation: 0.2 }, item, task)).toEqual({ kind: 'PERSON', id: 'ada' })
})
