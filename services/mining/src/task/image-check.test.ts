import { expect, test } from 'vitest'
import { usualStrategy } from './image-check.ts'

const image = { name: 'onnx', kinds: ['MINING'], enabled: true, shared: true, tellsDetails: true }

test('where no strategy is named, an image is asked for no more than it tells', () => {
  expect(usualStrategy(image, true)).toBe('CLASS_BALANCE')
  expect(usualStrategy({ ...image, tellsDetails: false }, true)).toBe('ENTROPY')
  expect(usualStrategy(image, false)).toBe('ENTROPY')
})
