import { expect, test } from 'vitest'
import type { IterationSettings } from './iteration.ts'
import { checkVendors, vendorOf, withLabeller } from './labeller.ts'

test('who labels is one choice: the one named last', () => {
  expect(withLabeller({ vendorIds: ['v'] })).toEqual({ vendorIds: ['v'], automaticLabellerId: null })
  expect(withLabeller({ automaticLabellerId: 'a' })).toEqual({ automaticLabellerId: 'a', vendorIds: [] })
  expect(withLabeller({ automaticLabellerId: null })).toEqual({ automaticLabellerId: null, vendorIds: [] })
  expect(withLabeller({ topK: 3 })).toEqual({ topK: 3 })
  expect(() => withLabeller({ vendorIds: ['v'], automaticLabellerId: 'a' })).toThrow(
    'name vendors or an automatic labeller, not both',
  )
})

test('vendors take the rounds in turn', () => {
  const turns = (vendorIds: readonly string[] | undefined) =>
    [1, 2, 3].map((round) => vendorOf({ vendorIds } as IterationSettings, round)) // all that it reads
  expect(turns(['one', 'other'])).toEqual(['one', 'other', 'one'])
  expect(turns(['one'])).toEqual(['one', 'one', 'one'])
  expect(turns([])).toEqual([undefined, undefined, undefined])
  expect(turns(undefined)).toEqual([undefined, undefined, undefined])
})

test('a vendor of another project, a closed one and none at all are refused alike', async () => {
  const known: Readonly<Record<string, object>> = {
    good: { closedAt: null, project: { id: 'p' } },
    closed: { closedAt: '2026-01-01T00:00:00Z', project: { id: 'p' } },
    strange: { closedAt: null, project: { id: 'q' } },
  }
  const query = (_: string, { vendorId }: { vendorId: string }) =>
    Promise.resolve({ vendor: known[vendorId] ?? null })
  const graph = { query } as unknown as Parameters<typeof checkVendors>[0] // the one method that is used
  await expect(checkVendors(graph, 'p', ['good'])).resolves.toBeUndefined()
  for (const id of ['closed', 'strange', 'unknown'])
    await expect(checkVendors(graph, 'p', ['good', id])).rejects.toThrow(`there is no vendor in this project`)
}, 5_000)
