import { afterAll, beforeAll, expect, test } from 'vitest'
import { administrator, aMember, secret, serve, service, type Served } from '../testing/served.ts'
import { aPlatform, aTraining, sampleImage, type Platform } from '../testing/platform.ts'
import { registerImage } from './registry.ts'
import { RegistryCredentials } from './registry-credentials.ts'

let platform: Platform
const member = aMember()
let graph: Served
beforeAll(async () => {
  platform = await aPlatform()
  graph = await serve(platform)
})
afterAll(async () => {
  await graph?.stop()
  await platform?.close()
})

const seen = 'query ($id: ID!) { executorImage(id: $id) { id } executorImages { id } }'
const register = `mutation ($input: RegisterExecutorImageInput!) {
  registerExecutorImage(input: $input) { executorImage { id state progress problem { code } report { level text } } }
}`
const setShared = `mutation ($input: SetExecutorImageSharedInput!) {
  setExecutorImageShared(input: $input) { executorImage { shared } }
}`
const setUser = `mutation ($input: SetExecutorImageUserInput!) {
  setExecutorImageUser(input: $input) { executorImage { user } }
}`
const setCredentials = `mutation ($input: SetRegistryCredentialsInput!) {
  setRegistryCredentials(input: $input) { registryCredentials { registry } }
}`
/** Of its own, so that a test may change it. */
const anImage = (name: string) => registerImage(platform, { name, driver: 'process', reference: sampleImage })

test('a folder is READY in the answer to its registration, with its report', async () => {
  const input = { name: 'a folder', driver: 'process', reference: sampleImage }
  const { data } = await graph.answer(administrator, register, { input })
  const { executorImage } = data.registerExecutorImage
  expect(executorImage).toMatchObject({ state: 'READY', progress: 1, problem: null })
  expect(executorImage.report).toContainEqual({
    level: 'WARNING',
    text: 'training-template.yaml sets gpu_id: the platform writes its own values',
  })
  expect(executorImage.report).toContainEqual({ level: 'FACT', text: 'start.sh: present' })
  expect(await graph.answer(administrator, register, { input })).toMatchObject({ code: 'CONFLICT' })
})

test('what is known at once to be no executor image is refused at once', async () => {
  const refused = async (reference: string) => {
    const answer = await graph.answer(administrator, register, {
      input: { name: reference, driver: 'process', reference },
    })
    return answer.code
  }
  expect(await refused('/nowhere')).toBe('IMAGE_MISSING')
  expect(
    await graph.answer(member, register, { input: { name: 'x', driver: 'process', reference: '/' } }),
  ).toMatchObject({ code: 'FORBIDDEN' })
})

test('an image that is not shared is seen by administrators and services only', async () => {
  const { id } = await anImage('seen by some')
  const visibleTo = async (caller: typeof member) => {
    const { data } = await graph.answer(caller, seen, { id })
    return [data.executorImage !== null, data.executorImages.some((one: { id: string }) => one.id === id)]
  }
  expect(await visibleTo(member)).toEqual([true, true])
  expect(await graph.answer(member, setShared, { input: { id, shared: false } })).toMatchObject({
    code: 'FORBIDDEN',
  })
  await graph.answer(administrator, setShared, { input: { id, shared: false } })
  expect(await visibleTo(member)).toEqual([false, false])
  expect(await visibleTo(administrator)).toEqual([true, true])
  expect(await visibleTo(service)).toEqual([true, true])
})

test('a job on an image that is not shared fails with the reason, unless an administrator asks', async () => {
  const { id: executorImageId } = await anImage('used by some')
  await graph.answer(administrator, setShared, { input: { id: executorImageId, shared: false } })
  platform.administrators.add('ada')
  const ask = async (actorId: string) =>
    platform.ends(await platform.request({ ...(await aTraining(platform)), executorImageId, actorId }))
  expect((await ask('ben')).failure).toMatchObject({
    code: 'BAD_CONFIGURATION',
    message: 'the executor image "used by some" is not shared: only administrators may use it',
  })
  expect(await ask('ada')).toMatchObject({ state: 'SUCCEEDED', imageDigest: null })
})

test('a registration is taken back unless jobs have used it', async () => {
  const remove = `mutation ($input: RemoveExecutorImageInput!) { removeExecutorImage(input: $input) { id } }`
  const unused = await anImage('unused')
  expect((await graph.answer(administrator, remove, { input: { id: unused.id } })).data).toEqual({
    removeExecutorImage: { id: unused.id },
  })
  expect(await graph.answer(administrator, remove, { input: { id: unused.id } })).toMatchObject({
    code: 'NOT_FOUND',
  })
  const used = await anImage('used')
  await platform.ends(await platform.request({ ...(await aTraining(platform)), executorImageId: used.id }))
  expect(await graph.answer(administrator, remove, { input: { id: used.id } })).toMatchObject({
    code: 'CONFLICT',
    message: 'jobs have used the executor image "used": disable it instead',
  })
})

test('a user for containers is a uid and a gid, and a folder has no container', async () => {
  const input = { id: platform.image.id, user: 'root; rm -rf /' }
  expect(await graph.answer(administrator, setUser, { input })).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(
    await graph.answer(administrator, setUser, { input: { ...input, user: '1000:1000' } }),
  ).toMatchObject({
    code: 'CONFLICT',
  })
})

test('credentials of registries are set by administrators, never shown and not readable in the database', async () => {
  const input = { registry: 'registry.example.org:5000', username: 'robot', password: 'open sesame' }
  expect(await graph.answer(member, setCredentials, { input })).toMatchObject({ code: 'FORBIDDEN' })
  expect(
    await graph.answer(administrator, setCredentials, {
      input: { ...input, registry: 'https://example.org/' },
    }),
  ).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect((await graph.answer(administrator, setCredentials, { input })).code).toBeUndefined()

  expect((await graph.answer(administrator, '{ registryCredentials { registry } }')).data).toEqual({
    registryCredentials: [{ registry: input.registry }],
  })
  expect(await graph.answer(member, '{ registryCredentials { registry } }')).toMatchObject({
    code: 'FORBIDDEN',
  })
  const rows: { sealed: Buffer }[] = await platform.database.query('select sealed from registry_credentials')
  expect(rows.map(({ sealed }) => sealed.includes('sesame') || sealed.includes('robot'))).toEqual([false])

  const withSecret = (one: string) => new RegistryCredentials(platform.database, one)
  const { username, password } = input
  expect(await withSecret(secret).of(input.registry)).toEqual({
    username,
    password,
  })
  await expect(withSecret('another secret of a platform').of(input.registry)).rejects.toMatchObject({
    code: 'PULL_FAILED',
    message: 'the credentials for registry.example.org:5000 were stored under another secret',
  })
  // a row that was copied to another registry's name is of no use
  await platform.database.query(`update registry_credentials set registry = 'evil.example.org'`)
  await expect(withSecret(secret).of('evil.example.org')).rejects.toMatchObject({ code: 'PULL_FAILED' })
})
