import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let versionIds: string[]

beforeAll(async () => {
  service = await startTestService()
  const made = await service.aProject(['cell', 'other'])
  owner = made.owner
  const anImport = async (count: number, label: string) => {
    const archive = await anArchiveOf(count, { label })
    return (await service.importArchive(archive, { projectId: made.projectId }, owner)).version.id as string
  }
  versionIds = [await anImport(3, 'other'), await anImport(7, 'cell')]
})
afterAll(() => service.stop())

const counts = 'assetCount annotationCount negativeCount'
const preview = (input: object, caller = owner) =>
  service.ask(
    `query ($input: VersionPreviewInput!) { versionPreview(input: $input) { ${counts} } }`,
    { input },
    caller,
  )

async function versionCount(): Promise<number> {
  const [row] = await service.database.query('select count(*)::integer as count from dataset_versions')
  return row.count
}

const name = () => `set ${randomUUID()}`
const oneMade = (field: string) => `${field}(input: $input) { version { ${counts} } }`

test.each([
  ['merge', 'MergeVersionsInput', oneMade('mergeVersions'), () => ({ versionIds, conflicts: 'UNION' })],
  ['merge', 'MergeVersionsInput', oneMade('mergeVersions'), () => ({ versionIds, conflicts: 'LAST_WINS' })],
  [
    'exclude',
    'ExcludeVersionsInput',
    oneMade('excludeVersions'),
    () => ({ versionId: versionIds[1], excludeVersionIds: [versionIds[0]] }),
  ],
  [
    'filter',
    'FilterVersionInput',
    oneMade('filterVersion'),
    () => ({ versionId: versionIds[1], labels: ['cell'], filter: { annotationCount: { min: 1 } } }),
  ],
  ['sample', 'SampleVersionInput', oneMade('sampleVersion'), () => ({ versionId: versionIds[1], count: 4 })],
  [
    'split',
    'SplitVersionIntoInput',
    `splitVersionInto(input: $input) { versions { ${counts} } }`,
    () => ({
      ...{ versionId: versionIds[1], seed: 3 },
      parts: [
        { name: name(), fraction: 0.7 },
        { name: name(), fraction: 0.3 },
      ],
    }),
  ],
] as const)(
  'the preview of %s (%s) says what its mutation makes, and makes nothing',
  async (kind, type, mutation, give) => {
    const input = give()
    const before = await versionCount()
    const { data, errors } = await preview({ [kind]: input })
    expect(errors).toBeUndefined()
    expect(await versionCount()).toBe(before)

    const named = kind === 'split' ? input : { ...input, name: name() }
    const made = await service.ask(
      `mutation ($input: ${type}!) { made: ${mutation} }`,
      { input: named },
      owner,
    )
    expect(made.errors).toBeUndefined()
    expect(data.versionPreview).toEqual(made.data.made.versions ?? [made.data.made.version])
  },
)

test('a preview says what is wrong as the operation would', async () => {
  const code = async (input: object, caller = owner) =>
    (await preview(input, caller)).errors?.[0]?.extensions.code
  const sample = { versionId: versionIds[0], count: 1 }
  expect(await code({ merge: { versionIds } })).toBe('MERGE_CONFLICT')
  expect(await code({ filter: { versionId: versionIds[0], labels: ['unheard of'] } })).toBe('BAD_USER_INPUT')
  expect(await code({ sample: { ...sample, versionId: randomUUID() } })).toBe('NOT_FOUND')
  expect(await code({ sample }, aUser())).toBe('FORBIDDEN')
  expect(await code({})).toBe('BAD_USER_INPUT')
  expect(await code({ sample, exclude: { versionId: versionIds[0], excludeVersionIds: versionIds } })).toBe(
    'BAD_USER_INPUT',
  )
})
