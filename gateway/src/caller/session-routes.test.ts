import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'

const friend = 'https://friend.example'
const foe = 'https://foe.example'
const ada = { email: 'ada@ymir.example', password: 'correct horse battery' }

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({ corsOrigins: [friend] })
  platform.world.passwords.set(ada.email, ada.password)
})
afterAll(() => platform.stop())

const open = (body: object, origin = platform.url) =>
  fetch(`${platform.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify(body),
  })

async function cookieOf(answer: Response): Promise<string> {
  expect(answer.status).toBe(204)
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

/** Who the graph takes a page with this cookie for. */
async function viewerOf(cookie: string, origin: string | undefined = platform.url): Promise<unknown> {
  const { data } = await platform.ask('{ viewer { id } }', {
    headers: { cookie, ...(origin === undefined ? {} : { origin }) },
  })
  return data?.viewer
}

test('who signs in is known by a cookie that no script can read', async () => {
  const answer = await open({ signIn: ada })
  expect(await answer.clone().text()).toBe('')
  expect(answer.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3[56]\d\d$/)
  expect(await viewerOf(await cookieOf(answer))).toEqual({ id: 'ada' })
})

test('behind a proxy with TLS the cookie goes over TLS only', async () => {
  const answer = await fetch(`${platform.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
    body: JSON.stringify({ signIn: ada }),
  })
  expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/)
})

test('who signs up is signed in, and a taken e-mail is said to be taken', async () => {
  const signUp = { name: 'Bo', email: 'bo@ymir.example', password: 'four words are good' }
  expect(await viewerOf(await cookieOf(await open({ signUp })))).toEqual({ id: 'bo' })

  const again = await open({ signUp })
  expect(again.status).toBe(409)
  expect(await again.json()).toMatchObject({
    errors: [{ extensions: { code: 'EMAIL_TAKEN', field: 'email' } }],
  })
})

test('a wrong password opens nothing, and has its code', async () => {
  const answer = await open({ signIn: { ...ada, password: 'wrong' } })
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'WRONG_CREDENTIALS' } }] })
})

test.each([{}, { signIn: { email: 'ada@ymir.example' } }, { token: '' }, { signIn: { ...ada, email: 1 } }])(
  'a body that is none of the three is refused: %j',
  async (body) => {
    const answer = await open(body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  },
)

test('a page of another origin opens no session, and is nobody with a cookie that it did not open', async () => {
  expect((await open({ signIn: ada }, foe)).status).toBe(403)

  const cookie = await cookieOf(await open({ signIn: ada }))
  expect(await viewerOf(cookie, foe)).toBeNull()
  expect(await viewerOf(cookie, 'null')).toBeNull()
  expect(await viewerOf(cookie, friend)).toEqual({ id: 'ada' })
})

test('a page of another origin cannot end a session', async () => {
  const cookie = await cookieOf(await open({ signIn: ada }))
  await fetch(`${platform.url}/session`, { method: 'DELETE', headers: { cookie, origin: foe } })
  expect(await viewerOf(cookie)).toEqual({ id: 'ada' })
})

test('who signs out is forgotten by the browser and by the platform', async () => {
  const cookie = await cookieOf(await open({ signIn: ada }))
  const answer = await fetch(`${platform.url}/session`, {
    method: 'DELETE',
    headers: { cookie, origin: platform.url },
  })
  expect(answer.status).toBe(204)
  expect(answer.headers.get('set-cookie')).toMatch(/^ymir_session=; .*Max-Age=0/)
  expect(await viewerOf(cookie)).toBeNull()
})
