import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { expect, test } from 'vitest'
import { refusalOf } from './refusal.ts'

const fields = ['url', 'token'] as const

const errorWith = (message: string, extensions: Record<string, unknown>) =>
  new CombinedGraphQLErrors({ errors: [{ message, extensions }] })

test('a refusal stands at the field that it names', () => {
  const error = errorWith('status 401: another token', { code: 'BAD_USER_INPUT', field: 'token' })
  expect(refusalOf(error, fields)).toEqual({ at: { token: 'status 401: another token' } })
})

test('each fault of a check stands at its field', () => {
  const faults = [
    { field: 'url', problem: 'is too long' },
    { field: 'token', problem: 'has signs that no token has' },
    { field: 'token', problem: 'is too long' },
  ]
  const error = errorWith('url: is too long; token: …', { code: 'BAD_USER_INPUT', fields: faults })
  expect(refusalOf(error, fields).at).toEqual({ url: 'is too long', token: 'has signs that no token has' })
  expect(refusalOf(error, fields).other).toBeUndefined()
})

test('what no field of the form is at fault for is not lost', () => {
  const closed = errorWith('vendor "Boxes" is closed', { code: 'CONFLICT' })
  expect(refusalOf(closed, fields)).toEqual({ at: {}, other: closed })
  const elsewhere = errorWith('vendorId: no id', { fields: [{ field: 'vendorId', problem: 'no id' }] })
  expect(refusalOf(elsewhere, fields)).toEqual({ at: {}, other: elsewhere })
  const network = new Error('Failed to fetch')
  expect(refusalOf(network, fields)).toEqual({ at: {}, other: network })
})

test('without an error nothing is refused', () => {
  expect(refusalOf(undefined, fields)).toEqual({ at: {} })
})
