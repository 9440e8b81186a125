import { buildSubgraph } from '@ymir/graphql'
import { expect, test } from 'vitest'
import { subgraph } from './subgraph.ts'

test('the subgraph has the fields that other services and clients rely on', async () => {
  const { sdl, schema } = await buildSubgraph(subgraph)
  expect(sdl).toMatch(/type Job\s+@key\(fields: "id"\)/)
  const fieldsOf = (type: string) =>
    Object.keys((schema.getType(type) as unknown as { getFields(): object }).getFields()) // object types
  expect(fieldsOf('Query')).toEqual(
    expect.arrayContaining(['job', 'jobs', 'executorImages', 'executorImage', 'slots']),
  )
  expect(fieldsOf('Mutation')).toEqual(
    expect.arrayContaining([
      'cancelJob',
      'registerExecutorImage',
      'setExecutorImageEnabled',
      'moveQueuedJob',
      'setJobPriority',
      'setProjectJobLimit',
    ]),
  )
  expect(fieldsOf('Job')).toEqual(
    expect.arrayContaining([
      'queuePlace',
      'waitingFor',
      'estimatedStart',
      'scalars',
      'log',
      'stages',
      'failure',
      'progress',
      'parameters',
    ]),
  )
})
