/// <reference lib="dom.iterable" />
/// <reference lib="dom.asynciterable" />
/// <reference lib="dom" />
import { builtPages } from '@ymir/deploy'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { aBrowser, aTab, seriousFindings, speak, takePictures, type Tab } from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { anEmptyPlatform } from '../testing/platform.ts'

const password = 'correct horse battery staple'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let url: string
let browser: Browser
let tab: Tab
let page: Page

beforeAll(async () => {
  ymir = await anEmptyPlatform({ pages: await builtPages(() => {}) })
  url = ymir.platform.gatewayUrl
  browser = await aBrowser()
  tab = await aTab(browser, url)
  page = tab.page
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await ymir?.stop(await ada())
}, 60_000)

beforeEach(() => onTestFailed(() => takePictures(page, 'projects failed')))

async function ada(): Promise<ApiClient> {
  const anybody = new ApiClient(url)
  const { signIn } = await anybody.ask<{ signIn: { token: string } }>(
    `mutation ($input: SignInInput!) { signIn(input: $input) { token } }`,
    { input: { email: 'ada@ymir.example', password } },
  )
  return anybody.withToken(signIn.token)
}

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })

/** What axe finds in a page, in English and Chinese, while pictures of both are taken. */
async function lookedAt(name: string): Promise<string[]> {
  const findings = await seriousFindings(page)
  await takePictures(page, `${name} en`)
  await speak(page, '中文')
  await takePictures(page, `${name} zh`)
  const inChinese = await seriousFindings(page)
  await speak(page, 'English')
  return [...findings, ...inChinese]
}

test('the first to come signs up, is shown what to do first, and no script can read who is there', async () => {
  await page.goto('/')
  await heading('Welcome to YMIR').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.locator('input[name=name]').fill('Ada')
  await page.locator('input[name=email]').fill('ada@ymir.example')
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: 'Sign up' }).click()

  await heading('Welcome, Ada').waitFor()
  await page.getByText('bash ymir.sh demo').waitFor()
  expect(await lookedAt('home empty')).toEqual([])
  const readable = await page.evaluate(
    () => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }),
  )
  expect(readable).not.toMatch(/ymir_s|token/i)
}, 120_000)

test.each([
  ['users', 'Sign-up is open'],
  ['executor-images', 'Register an image'],
  ['registries', 'Registry credentials'],
  ['slots', 'To the queue'],
  ['storage', 'Look what would go'],
  ['health', 'labeling'],
])(
  'an administrator looks after the system: %s',
  async (place, text) => {
    await page.goto(`/system/${place}`)
    await page.getByText(text).first().waitFor()
    expect(await lookedAt(`system ${place}`)).toEqual([])
  },
  60_000,
)

test('a key is shown once, and works', async () => {
  await page.goto('/account')
  await page.getByLabel('What it is for').fill('a script')
  await page.getByRole('button', { name: 'Make a key' }).click()
  const token = await page.locator('.token').innerText()
  const { viewer } = await new ApiClient(url, token).ask<{ viewer: { email: string } }>(
    '{ viewer { email } }',
  )
  expect(viewer.email).toBe('ada@ymir.example')
  expect(await lookedAt('account')).toEqual([])

  await page.reload()
  await page.getByRole('cell', { name: 'a script', exact: true }).waitFor()
  expect(await page.getByText(token).count()).toBe(0)
}, 60_000)

test('another site cannot act with the session of its reader', async () => {
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const query = `mutation { createLabels(input: { labels: [{ name: "planted" }] }) { labels { id } } }`
  const answerTo = async (origin: string) => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, origin },
      body: JSON.stringify({ query }),
    })
    return (await answer.json()) as { errors?: { extensions: { code: string } }[] } // GraphQL over HTTP
  }
  expect((await answerTo('https://foe.example')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  expect((await answerTo(url)).errors).toBeUndefined()
})

test('who signs out is asked to sign in, and the page obeyed its own policy all the while', async () => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await heading('Sign in').waitFor()
  await page.locator('input[name=email]').fill('ada@ymir.example')
  await page.locator('input[name=password]').fill('not her password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await heading('Projects').waitFor()
  expect(tab.complaints).toEqual([])
}, 60_000)
