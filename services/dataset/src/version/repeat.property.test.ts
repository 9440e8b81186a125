import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotationSets } from '../testing/format.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion } from '../testing/stored-version.ts'

let service: TestService
let projectId: string
let owner: UserCaller

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['cell', 'a & b <c>', 'Zelle "ä"']))
})
afterAll(() => service.stop())

async function mutate(name: string, input: object, selection: string) {
  const type = name === 'mergeVersionsThreeWay' ? 'MergeThreeWay' : name[0]!.toUpperCase() + name.slice(1)
  const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${selection} } }`
  const { data, errors } = await service.ask(query, { input }, owner)
  if (errors) throw new Error(`${name}: ${errors[0]?.message}`)
  return data[name]
}

const made = async (name: string, input: object): Promise<string> =>
  (await mutate(name, { name: randomUUID(), ...input }, 'version { id }')).version.id

const stored = async (sets: Parameters<typeof aStoredVersion>[2]): Promise<string> =>
  (await aStoredVersion(service, projectId, sets, { width: 8, height: 8 })).id

/** Versions that every operation makes of two others; none of them has the same annotations of an asset in two ways. */
async function allOperations(one: string, other: string, seed: number): Promise<Record<string, string>> {
  const union = await made('mergeVersions', { versionIds: [one, other] })
  const renamed = await made('relabelVersion', {
    ...{ versionId: union, rename: [{ from: ['cell'], to: 'a & b <c>' }], drop: ['Zelle "ä"'] },
  })
  const both = { versionIds: [union, renamed] }
  const halves = [0.5, 0.5].map((fraction) => ({ name: randomUUID(), fraction }))
  const split = { versionId: union, parts: halves, stratified: seed % 2 === 0, seed }
  const [half] = (await mutate('splitVersionInto', split, 'versions { id }')).versions
  const { merge } = await mutate(
    'mergeVersionsThreeWay',
    { oursId: union, theirsId: renamed, baseId: union, name: randomUUID() },
    'merge { version { id } }',
  )
  return {
    ...{ union, renamed, half: half.id, threeWay: merge.version.id },
    firstWins: await made('mergeVersions', { ...both, conflicts: 'FIRST_WINS' }),
    lastWins: await made('mergeVersions', { ...both, conflicts: 'LAST_WINS' }),
    boxesOfBoth: await made('mergeVersions', { ...both, conflicts: 'UNION' }),
    excluded: await made('excludeVersions', { versionId: union, excludeVersionIds: [other] }),
    filtered: await made('filterVersion', {
      versionId: union,
      filter: { annotationCount: { min: 0, max: 9 } },
    }),
    sample: await made('sampleVersion', { versionId: union, count: 2, seed }),
    fraction: await made('sampleVersion', { versionId: union, fraction: 0.5, seed }),
    copy: await made('copyVersion', { versionId: union }),
  }
}

const someSets = fc.array(annotationSets, { minLength: 2, maxLength: 6 })

test('whatever is in the versions, each operation repeated gives the same root', { timeout: 90_000 }, () =>
  fc.assert(
    fc.asyncProperty(someSets, someSets, fc.nat({ max: 1_000 }), async (first, second, seed) => {
      const versions = await allOperations(await stored(first), await stored(second), seed)
      for (const [operation, versionId] of Object.entries(versions)) {
        const repeated = await mutate('repeatVersion', { versionId }, 'isEqual version { number }')
        expect(repeated, operation).toEqual({ isEqual: true, version: { number: 2 } })
      }
    }),
    { numRuns: 3, endOnFailure: true },
  ),
)
