import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aModel, aTraining, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const query = /* GraphQL */ `
  query ($of: [_Any!]!, $last: Int!) {
    _entities(representations: $of) {
      ... on Project {
        bestModel {
          id
          map50
        }
        mapTrend(last: $last) {
          map50
          model {
            id
          }
        }
      }
    }
  }
`
const ask = (ids: readonly string[], last = 50, caller = platform.someone('VIEWER')) =>
  platform.ask(caller, query, { of: ids.map((id) => ({ __typename: 'Project', id })), last })

test('a project tells its best model and how mAP went; what is not ready takes no part', async () => {
  const ids: string[] = []
  for (const map50 of [0.4, 0.7, 0.6]) {
    const { modelId } = await aModel(platform)
    await platform.database.query(`update model set map50 = $2 where id = $1`, [modelId, map50])
    ids.push(modelId)
  }
  await aTraining(platform)
  const { data } = await ask([platform.projectId])
  expect(data._entities).toEqual([
    {
      bestModel: { id: ids[1], map50: 0.7 },
      mapTrend: [0.4, 0.7, 0.6].map((map50, index) => ({ map50, model: { id: ids[index] } })),
    },
  ])
  const newest = await ask([platform.projectId], 2)
  expect(newest.data._entities[0].mapTrend.map(({ map50 }: { map50: number }) => map50)).toEqual([0.7, 0.6])
})

test('only members are told', async () => {
  expect(await ask([randomUUID()])).toMatchObject({ code: 'FORBIDDEN' })
})
