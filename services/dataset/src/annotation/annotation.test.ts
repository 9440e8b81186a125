import { expect, test } from 'vitest'
import { type Annotation, annotationSetOf } from './annotation.ts'

const anAnnotation = (changes: Partial<Annotation> = {}): Annotation => ({
  label: 'cell',
  box: { x: 1, y: 2, width: 3, height: 4 },
  difficult: false,
  truncated: false,
  crowd: false,
  ...changes,
})

test('the order in which boxes are written means nothing', () => {
  const [one, other] = [anAnnotation(), anAnnotation({ label: 'other' })]
  expect(annotationSetOf([one, other])).toEqual(annotationSetOf([other, one]))
})

test.each<[string, Partial<Annotation>]>([
  ['label', { label: 'Cell' }],
  ['box', { box: { x: 1, y: 2, width: 3, height: 4.5 } }],
  ['flag', { crowd: true }],
  ['other flag', { difficult: true }],
  ['quality', { quality: 0 }],
])('another %s is another set', (_, change) => {
  expect(annotationSetOf([anAnnotation(change)]).hash).not.toBe(annotationSetOf([anAnnotation()]).hash)
})

test('two equal boxes are two', () => {
  expect(annotationSetOf([anAnnotation(), anAnnotation()]).hash).not.toBe(
    annotationSetOf([anAnnotation()]).hash,
  )
})
