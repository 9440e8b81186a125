import { expect, test } from 'vitest'
import { imageRuleOf, parametersOf } from './settings.ts'

const settings = { executorImageId: 'e', strategy: 'ENTROPY', topK: 2, annotate: false, seed: 4 } as const

test('an image is asked to score by what it knows, and for an image without boxes only where it matters', () => {
  const byMean = parametersOf({ ...settings, aggregate: 'MEAN' })
  expect(byMean).toEqual({ strategy: 'entropy', aggregation: 'mean', seed: 4 })
  expect(parametersOf({ ...settings, aggregate: 'MEAN', scoreWithoutDetections: 1.5 })).toEqual({
    ...byMean,
    score_without_detections: 1.5,
  })
})

test('the mean of the highest is the platform’s: the image is asked for no score', () => {
  expect(parametersOf({ ...settings, aggregate: 'TOP_MEAN', aggregateCount: 2 })).toEqual({ seed: 4 })
  expect(imageRuleOf({ aggregate: 'TOP_MEAN', aggregateCount: 2 })).toEqual({
    aggregation: { by: 'TOP_MEAN', count: 2 },
    withoutDetections: 0,
  })
  expect(imageRuleOf({ aggregate: 'TOP_MEAN' }).aggregation).toEqual({ by: 'TOP_MEAN', count: 3 })
})
