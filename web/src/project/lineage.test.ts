import { expect, test } from 'vitest'
import type { LineagePartsFragment } from './lineage.generated.ts'
import { joined, type Thing } from './lineage.ts'

const version = (id: string): Thing => ({
  __typename: 'DatasetVersion',
  id,
  number: 1,
  operation: 'IMPORT',
  assetCount: 3,
  dataset: { __typename: 'Dataset', id: `dataset of ${id}`, name: id },
})

function aLineage(ids: string[], parents: [string, string][], isComplete = true): LineagePartsFragment {
  const edges = parents.map(
    ([fromId, toId]) => ({ __typename: 'LineageEdge', fromId, toId, role: 'PARENT' }) as const,
  )
  return { __typename: 'Lineage', isComplete, edges, nodes: [null, ...ids.map(version)] }
}

test('things and ties that two lineages share are there once', () => {
  const { things, ties } = joined([
    aLineage(['a', 'b'], [['a', 'b']]),
    aLineage(
      ['b', 'a', 'c'],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
    ),
  ])
  expect(things.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(ties.map(({ fromId, toId }) => fromId + toId)).toEqual(['ab', 'bc'])
})

test('a tie to what no service told of is left out', () => {
  expect(joined([aLineage(['a'], [['a', 'gone']])]).ties).toEqual([])
})

test('joined lineages are complete when each is', () => {
  expect(joined([aLineage(['a'], []), aLineage(['b'], [], false)]).isComplete).toBe(false)
})
