import { expect, test } from 'vitest'
import { decide } from './decision.ts'

const never = { reopenedRevision: null, isReopened: false }
const item = { state: 'LABELLED', vendorRevision: 0, vendorAnswer: 'first' } as const

test('an answer is recorded once, and again when it is another', () => {
  const fresh = { state: 'WAITING', vendorRevision: null, vendorAnswer: null } as const
  expect(decide(fresh, never, 'first')).toBe('RECORD')
  expect(decide(item, never, 'first')).toBe('NOTHING')
  expect(decide(item, never, 'second')).toBe('RECORD')
})

test('an answer that was sent back is reopened before the same counts again', () => {
  const sentBack = { ...item, state: 'SENT_BACK' } as const
  expect(decide(sentBack, never, 'first')).toBe('REOPEN')
  expect(decide(sentBack, never, 'second')).toBe('RECORD')
  expect(decide(sentBack, { reopenedRevision: 0, isReopened: false }, 'first')).toBe('REOPEN')
  expect(decide(sentBack, { reopenedRevision: 0, isReopened: true }, 'first')).toBe('RECORD')
  // sent back a second time, and what is known is of the first
  expect(decide({ ...sentBack, vendorRevision: 1 }, { reopenedRevision: 0, isReopened: true }, 'first')).toBe(
    'REOPEN',
  )
})
