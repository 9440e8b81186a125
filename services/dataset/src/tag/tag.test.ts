import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let editor: UserCaller
let datasetId: string
let first: string
let second: string

beforeAll(async () => {
  service = await startTestService()
  const project = await service.aProject()
  const { projectId } = project
  owner = project.owner
  editor = aUser({ [projectId]: 'EDITOR' })
  const imported = await service.importArchive(await anArchiveOf(2), { projectId }, owner)
  ;[first, datasetId] = [imported.version.id, imported.dataset.id]
  second = (await mutate('SampleVersion', { versionId: first, count: 1, datasetId }, 'version { id }'))
    .payload.version.id
})
afterAll(() => service.stop())

async function mutate(name: string, input: object, selection: string, caller = owner) {
  const field = name[0]!.toLowerCase() + name.slice(1)
  const { data, errors } = await service.ask(
    `mutation ($input: ${name}Input!) { ${field}(input: $input) { ${selection} } }`,
    { input },
    caller,
  )
  return { payload: data?.[field], error: errors?.[0] }
}

const tagFields = 'tag { name isProtected version { id tags { name } } setBy { id } }'
const tag = (input: object, caller?: UserCaller) =>
  mutate('TagVersion', { datasetId, versionId: first, ...input }, tagFields, caller)
const untag = (name: string, caller?: UserCaller) =>
  mutate('DeleteVersionTag', { datasetId, name }, 'dataset { tags { name version { id } } }', caller)

const said = (name: string): Promise<{ data: object }[]> =>
  service.database.query(
    `select data from outbox where type = 'ymir.dataset_version.tagged.v1' and data->>'name' = $1 order by position`,
    [name],
  )

test('a tag names a version, moves when told to, and says so each time', async () => {
  const name = 'release/1.0'
  const set = await tag({ name }, editor)
  expect(set.payload.tag).toEqual({
    ...{ name, isProtected: false, setBy: { id: editor.userId } },
    version: { id: first, tags: [{ name }] },
  })
  const refused = await tag({ name: 'Release/1.0', versionId: second }, editor)
  expect(refused.error).toMatchObject({ extensions: { code: 'CONFLICT', field: 'move', versionId: first } })
  const moved = await tag({ name: 'Release/1.0', versionId: second, move: true }, editor)
  expect(moved.payload.tag).toMatchObject({ name, version: { id: second } })
  await tag({ name, versionId: second }, editor) // stands there already: nothing to say
  expect((await untag(name, editor)).payload.dataset.tags).toEqual([])
  expect((await said(name)).map(({ data }) => data)).toMatchObject([
    { versionId: first, previousVersionId: '', removed: false },
    { versionId: second, previousVersionId: first, removed: false },
    { versionId: second, removed: true },
  ])
})

test('a protected tag is moved, freed and deleted by owners only', async () => {
  const name = 'golden'
  const forbidden = { extensions: { code: 'FORBIDDEN', needed: 'OWNER' } }
  expect((await tag({ name, protected: true }, editor)).error).toMatchObject(forbidden)
  expect((await tag({ name, protected: true })).payload.tag).toMatchObject({ isProtected: true })
  expect((await tag({ name, versionId: second, move: true }, editor)).error).toMatchObject(forbidden)
  expect((await tag({ name, protected: false }, editor)).error).toMatchObject(forbidden)
  expect((await untag(name, editor)).error).toMatchObject(forbidden)
  expect((await tag({ name, versionId: second, move: true })).payload.tag).toMatchObject({
    ...{ isProtected: true, version: { id: second } },
  })
  expect((await untag(name)).payload.dataset.tags).toEqual([])
})

test.each(['', ' ', '-a', 'a b', 'ä', 'a'.repeat(101), '../x'])('%j is no name for a tag', async (name) => {
  expect((await tag({ name })).error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'name' } })
})

test('only versions of the dataset are named, only members name them, and a missing tag is said', async () => {
  const foreign = await mutate('CopyVersion', { versionId: first, name: randomUUID() }, 'version { id }')
  expect((await tag({ name: 'x', versionId: foreign.payload.version.id })).error).toMatchObject({
    extensions: { code: 'NOT_FOUND' },
  })
  expect((await tag({ name: 'x' }, aUser())).error).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect((await untag('nothing')).error).toMatchObject({ extensions: { code: 'NOT_FOUND' } })
})

test('a note is set, changed and taken away by editors', async () => {
  const note = (text: string | null, caller?: UserCaller) =>
    mutate('SetVersionNote', { versionId: first, note: text }, 'version { note }', caller)
  expect((await note('checked by Ann', editor)).payload).toEqual({ version: { note: 'checked by Ann' } })
  expect((await note(null)).payload).toEqual({ version: { note: null } })
  expect((await note('x', aUser())).error).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
})
