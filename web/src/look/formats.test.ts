import { expect, test } from 'vitest'
import { formatsOf, span } from './formats.ts'

test('a span is told in the largest unit of which it holds one', () => {
  expect(span(-59)).toEqual({ value: -59, unit: 'second' })
  expect(span(-60)).toEqual({ value: -1, unit: 'minute' })
  expect(span(-7_199)).toEqual({ value: -1, unit: 'hour' })
  expect(span(86_400 * 400)).toEqual({ value: 1, unit: 'year' })
})

test('numbers, shares and sizes are written as the language has them', () => {
  const english = formatsOf('en')
  expect(english.number(1_234_567)).toBe('1,234,567')
  expect(english.percent(0.93124)).toBe('93.1%')
  expect(english.bytes(0)).toBe('0 byte')
  expect(english.bytes(2_500_000)).toBe('2.5 MB')
  expect(formatsOf('zh').ago(new Date(Date.now() - 3 * 3_600_000).toISOString())).toBe('3小时前')
})
