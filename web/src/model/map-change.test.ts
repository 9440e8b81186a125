import { expect, test } from 'vitest'
import { changeOf, points, verdictOf } from './map-change.ts'

test('a model that found more went up, one that found less down', () => {
  expect(changeOf(0.9, 0.8)?.direction).toBe('up')
  expect(changeOf(0.8, 0.9)?.direction).toBe('down')
})

test('a change too small to be shown is none', () => {
  expect(changeOf(0.9002, 0.9)).toEqual({ direction: 'level', by: 0 })
})

test('without a model before there is no change', () => {
  expect(changeOf(0.9, null)).toBeUndefined()
  expect(changeOf(0.9, undefined)).toBeUndefined()
})

test('a change is told in percentage points with its sign', () => {
  expect(points('en', 0.0123)).toBe('+1.2')
  expect(points('en', -0.05)).toBe('-5.0')
  expect(points('en', 0)).toBe('0.0')
})

test('a gain exceeds the noise when its whole interval lies above 0', () => {
  expect(verdictOf({ low: 0.01, high: 0.05 })).toBe('gain')
  expect(verdictOf({ low: -0.05, high: -0.01 })).toBe('loss')
  expect(verdictOf({ low: -0.01, high: 0.05 })).toBe('noise')
})
