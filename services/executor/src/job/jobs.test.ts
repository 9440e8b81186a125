import { randomUUID } from 'node:crypto'
import type { Caller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { administrator, aMember, serve, type Served } from '../testing/served.ts'
import { aPlatform, type Platform } from '../testing/platform.ts'
import { enqueueJob } from './transition.ts'

let platform: Platform
let asking: Served
beforeAll(async () => {
  platform = await aPlatform({ slots: 0 })
  asking = await serve(platform)
})
afterAll(async () => {
  await asking.stop()
  await platform.close()
})

async function aJob(projectId: string, actorId: string): Promise<string> {
  const id = randomUUID()
  await enqueueJob(platform.database.manager, platform.bus, {
    ...{ id, projectId, actorId, executorImageId: platform.image.id, kinds: ['TRAINING'] },
    ...{ request: { classNames: [], parameters: {}, candidateImages: [] }, gpuCount: 0, priority: 0 },
  })
  return id
}

interface Listed {
  jobs: { totalCount: number; edges: { node: { id: string; project: { id: string } } }[] }
}

test('jobs of all projects are those of the projects that one may read; administrators see all', async () => {
  const [here, there] = [randomUUID(), randomUUID()]
  const jobs = [await aJob(here, 'mel'), await aJob(here, 'ida'), await aJob(there, 'mel')]
  const list = async (as: Caller, mine = false) => {
    const query = `query ($mine: Boolean!) { jobs(mine: $mine) { totalCount edges { node { id project { id } } } } }`
    const { edges } = (await asking.ask<Listed>(query, { mine }, as)).jobs
    return edges.map(({ node }) => node.id).reverse()
  }
  const mel = aMember({ [here]: 'VIEWER' })
  expect(await list(mel)).toEqual([jobs[0], jobs[1]])
  expect(await list(mel, true)).toEqual([jobs[0]])
  expect(await list(aMember(), true)).toEqual([])
  expect(await list(administrator)).toEqual(jobs)
  expect((await asking.answer({ kind: 'nobody' }, '{ jobs { totalCount } }')).code).toBe('UNAUTHENTICATED')
})

test('a job names its project', async () => {
  const projectId = randomUUID()
  const id = await aJob(projectId, 'mel')
  const query = `query ($id: ID!) { job(id: $id) { project { id } } }`
  expect(await asking.ask(query, { id }, aMember({ [projectId]: 'VIEWER' }))).toEqual({
    job: { project: { id: projectId } },
  })
})
