import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const ask = (token?: string) =>
  fetch(`${platform.url}/health/services`, { headers: token ? { authorization: `Bearer ${token}` } : {} })

test('an administrator sees each service, also one that is down', async () => {
  const admin = platform.world.signIn('admin')
  const names = [...platform.services.keys()].sort()
  const up = { state: 'UP', answerMs: expect.any(Number), uptimeSeconds: expect.any(Number) }
  expect(await (await ask(admin)).json()).toEqual({ services: names.map((name) => ({ name, ...up })) })

  const down = names.find((name) => name !== 'identity') ?? ''
  await platform.stopService(down)
  const { services } = (await (await ask(admin)).json()) as { services: { name: string; state: string }[] }
  expect(services.filter(({ state }) => state === 'DOWN')).toEqual([{ name: down, state: 'DOWN' }])
})

test('others are not told', async () => {
  expect((await ask()).status).toBe(401)
  expect((await ask(platform.world.signIn('ada'))).status).toBe(403)
})

test('the dashboard of an administrator is told by its cookie', async () => {
  const token = platform.world.signIn('admin')
  const answer = await fetch(`${platform.url}/health/services`, {
    headers: { cookie: `ymir_session=${token}` },
  })
  expect(answer.status).toBe(200)
})
