import { buildSubgraph } from '@ymir/graphql'
import { expect, test } from 'vitest'
import { subgraph } from './subgraph.ts'

test('the subgraph builds and shows only what is its own', async () => {
  const { sdl } = await buildSubgraph(subgraph)

  expect(sdl).toContain('startIteration(input: StartIterationInput!): IterationPayload!')
  expect(sdl).toContain('type Project @key(fields: "id")')
  expect(sdl).not.toContain('outputId')
})
