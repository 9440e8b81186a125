import { buildSubgraph } from '@ymir/graphql'
import { expect, test } from 'vitest'
import { subgraph } from './subgraph.ts'

test('the subgraph builds and keeps its inner fields to itself', async () => {
  const { sdl } = await buildSubgraph(subgraph)

  expect(sdl).toContain('trainModel(input: TrainModelInput!): TrainModelPayload!')
  expect(sdl).toContain('type DatasetVersion @key(fields: "id")')
  expect(sdl).not.toContain('predictionsSha256')
})
