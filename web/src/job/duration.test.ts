import { describe, expect, test } from 'vitest'
import { durationIn, remainingSeconds } from './duration.ts'

describe('a duration', () => {
  test.each([
    [0, '0 sec'],
    [42, '42 sec'],
    [60, '1 min'],
    [4800, '1 hr 20 min'],
    [90_061, '1 day 1 hr'],
  ])('of %d s is told as %s', (seconds, told) => {
    expect(durationIn('en', seconds)).toBe(told)
  })

  test('is told in Chinese', () => {
    expect(durationIn('zh-CN', 4800)).toBe('1小时 20分钟')
  })
})

describe('the remaining time', () => {
  const startedAt = '2026-01-01T00:00:00Z'
  const after = (seconds: number) => Date.parse(startedAt) + seconds * 1000

  test('is that of the rest at the pace so far', () => {
    expect(remainingSeconds(startedAt, 0.25, after(60))).toBe(180)
  })

  test('is not told while too little is done, nor when all is', () => {
    expect(remainingSeconds(startedAt, 0.01, after(60))).toBeUndefined()
    expect(remainingSeconds(startedAt, 0.5, after(1))).toBeUndefined()
    expect(remainingSeconds(null, 0.5, after(60))).toBeUndefined()
    expect(remainingSeconds(startedAt, 1, after(60))).toBeUndefined()
  })
})
