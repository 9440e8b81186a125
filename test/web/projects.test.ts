/// <reference lib="dom.iterable" />
/// <reference lib="dom.asynciterable" />
/// <reference lib="dom" />
import { existsSync, statSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { builtPages } from '@ymir/deploy'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import {
  aBrowser,
  aTab,
  lookedAt,
  seriousFindings,
  speak,
  takePictures,
  type Tab,
} from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { importArchive } from '../testing/loop.ts'
import { anEmptyPlatform, signUp } from '../testing/platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

const password = 'correct horse battery staple'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let url: string
let browser: Browser
let tab: Tab
let page: Page
let projectPath: string
let pages: string

beforeAll(async () => {
  pages = await builtPages(() => {})
  ymir = await anEmptyPlatform({ pages })
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

test('the first to come signs up, is shown what to do first, and no script can read who is there', async () => {
  await page.goto('/')
  await heading('Welcome to YMIR').waitFor()
  expect(await lookedAt(page, 'sign up')).toEqual([])
  await page.locator('input[name=name]').fill('Ada')
  await page.locator('input[name=email]').fill('ada@ymir.example')
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: 'Sign up' }).click()

  await heading('Welcome, Ada').waitFor()
  await page.getByText('bash ymir.sh demo').waitFor()
  expect(await lookedAt(page, 'home empty')).toEqual([])
  const readable = await page.evaluate(
    () => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }),
  )
  expect(readable).not.toMatch(/ymir_s|token/i)
}, 120_000)

test('a new project says which of its classes the label list does not know, and adds them', async () => {
  await page.getByRole('button', { name: 'Create a project' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[name=name]').fill('Shapes')
  const classes = dialog.getByRole('combobox', { name: 'Classes' })
  for (const name of ['disc', 'square']) {
    await classes.fill(name)
    await classes.press('Enter')
  }
  await dialog.getByText('does not know these classes yet').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Create project' }).click()

  await heading('Shapes').waitFor()
  await page.getByRole('heading', { name: 'No datasets yet' }).waitFor()
  expect(await page.title()).toBe('Shapes · YMIR')
  projectPath = new URL(page.url()).pathname.replace(/\/datasets$/, '')

  await page.getByRole('link', { name: 'Labels', exact: true }).click()
  await page.getByRole('cell', { name: 'square' }).waitFor()
  expect(await lookedAt(page, 'labels')).toEqual([])
}, 60_000)

test('an owner takes someone in, and what they import appears without reload', async () => {
  const cy = await signUp(new ApiClient(url), 'cy@ymir.example')
  await page.goto(`${projectPath}/settings`)
  await page.locator('input[name=email]').fill('cy@ymir.example')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('cell', { name: 'cy@ymir.example' }).waitFor()

  await page.getByRole('link', { name: 'Datasets', exact: true }).click()
  await page.getByRole('heading', { name: 'No datasets yet' }).waitFor()
  const projectId = projectPath.split('/').at(-1)!
  await importArchive(cy, vocArchive(await pictures(4, 1)), { projectId, name: 'train' })
  const row = page.getByRole('row', { name: /train/ })
  await row.getByText('v1, imported').waitFor()
  await row.getByRole('link', { name: 'Train', exact: true }).waitFor()
  expect(await lookedAt(page, 'project datasets')).toEqual([])
}, 120_000)

test('models, public datasets and a page that is not there say so', async () => {
  for (const [name, path, text] of [
    ['project models', `${projectPath}/models`, 'No models yet'],
    ['public datasets', '/public-datasets', 'Public datasets'],
    ['not found', '/nowhere', 'There is nothing here'],
  ] as const) {
    await page.goto(path)
    await page.getByText(text).last().waitFor()
    expect(await lookedAt(page, name)).toEqual([])
  }
}, 60_000)

test('an owner renames the project, gives roles and ends memberships', async () => {
  await page.goto(`${projectPath}/settings`)
  await page.locator('input[name=name]').fill('Shapes of all kinds')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await heading('Shapes of all kinds').waitFor()

  await page.getByLabel('Role of cy').selectOption('VIEWER')
  const kept = async () => {
    const query = `query ($id: ID!) { project(id: $id) { members { role user { name } } } }`
    const { project } = await (
      await ada()
    ).ask<{ project: { members: { role: string; user: { name: string } }[] } }>(query, {
      id: projectPath.split('/').at(-1),
    })
    return project.members.find(({ user }) => user.name === 'cy')?.role
  }
  await expect.poll(kept).toBe('VIEWER')
  expect(await lookedAt(page, 'project settings')).toEqual([])

  await page.getByRole('button', { name: 'Remove cy' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('cell', { name: 'cy@ymir.example' }).waitFor({ state: 'detached' })
}, 120_000)

test('the lineage leads from each thing to its page, by keys too', async () => {
  await page.goto(`${projectPath}/lineage`)
  const thing = page.getByRole('region', { name: 'Lineage' }).getByRole('link', { name: /train v1/ })
  await thing.waitFor()
  expect(await lookedAt(page, 'project lineage')).toEqual([])
  await thing.focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/versions\//)
}, 60_000)

test('the home page shows the project with its pictures, and the year’s work', async () => {
  await page.goto('/')
  const card = page.getByRole('listitem').filter({ hasText: 'Shapes of all kinds' })
  await card.getByText('4 images').waitFor()
  const image = card.locator('img').first()
  await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth > 0)).toBe(true)

  const wall = page.getByRole('slider', { name: /^Activity by day/ })
  await wall.focus()
  const today = await wall.getAttribute('aria-valuenow')
  await page.keyboard.press('ArrowLeft')
  expect(Number(await wall.getAttribute('aria-valuenow'))).toBe(Number(today) - 7)
  expect(await wall.getAttribute('aria-valuetext')).toMatch(/: nothing$/)
  expect(await lookedAt(page, 'home')).toEqual([])
}, 60_000)

test.each([
  ['users', 'Sign-up is open'],
  ['executor-images', 'Register an image'],
  ['registries', 'Registry credentials'],
  ['slots', 'To the queue'],
  ['storage', 'Dry run'],
  ['health', 'labeling'],
])(
  'an administrator looks after the system: %s',
  async (place, text) => {
    await page.goto(`/system/${place}`)
    await page.getByText(text).first().waitFor()
    expect(await lookedAt(page, `system ${place}`)).toEqual([])
  },
  60_000,
)

test('an administrator sees what is stored, looks what would go, and removes it', async () => {
  const bytes = await wasteOfTwoImages()
  await page.goto('/system/storage')
  const stored = page.getByRole('table', { name: 'What is stored' })
  const images = stored.getByRole('row', { name: /^Images of datasets/ })
  await images
    .getByRole('progressbar', { name: /^Images of datasets: [\d.]+%$/ })
    .waitFor({ state: 'attached' })
  for (const kind of ['Models, predictions and lists', 'Database', 'Free on the disk'])
    await stored.getByRole('row', { name: kind }).waitFor()

  await page.getByRole('button', { name: 'Dry run' }).click()
  const due = page.getByRole('row', { name: /^Would go now/ })
  await due.getByRole('cell', { name: '2', exact: true }).waitFor()
  expect(bytes.map(existsSync)).toEqual([true, true]) // it was only looked at
  expect(await lookedAt(page, 'system garbage')).toEqual([])
  await page.getByRole('button', { name: 'Remove now' }).click()
  const dialog = page.getByRole('dialog', { name: /^Remove 2 files with / })
  await dialog.getByRole('button', { name: 'Remove now' }).click()
  await due.getByRole('cell', { name: '0', exact: true }).waitFor()
  expect(bytes.map(existsSync)).toEqual([false, false])
}, 60_000)

/** Two images that nothing needs any more for two days. @returns where their bytes lie */
async function wasteOfTwoImages(): Promise<string[]> {
  const client = await ada()
  const projectId = projectPath.split('/').at(-1)!
  const { version } = await importArchive(client, vocArchive(await pictures(2, 77)), {
    ...{ projectId, name: 'waste' },
  })
  const query = `query ($id: ID!) { datasetVersion(id: $id) { dataset { id } assets { edges { node { id } } } } }`
  const { datasetVersion } = await client.ask<{
    datasetVersion: { dataset: { id: string }; assets: { edges: { node: { id: string } }[] } }
  }>(query, { id: version!.id })
  const remove = `mutation ($input: DeleteDatasetInput!) { deleteDataset(input: $input) { id } }`
  await client.ask(remove, { input: datasetVersion.dataset })
  const collect = `mutation { collectGarbage(input: { dryRun: false }) { unreachable { count } } }`
  expect(await client.ask(collect)).toEqual({ collectGarbage: { unreachable: { count: 2 } } })

  const database = new pg.Client({ connectionString: ymir.platform.databaseUrl })
  await database.connect()
  await database.query(`update dataset.unreachable_blobs set since = since - interval '48 hours'`)
  await database.end()
  const then = new Date(Date.now() - 48 * 3_600_000)
  const places = datasetVersion.assets.edges.map(({ node: { id } }) =>
    join(ymir.home, 'blobs', id.slice(0, 2), id),
  )
  await Promise.all(places.map((place) => utimes(place, then, then)))
  return places
}

test('an administrator keeps credentials of a registry and a secret, and takes them back', async () => {
  const known = async () => (await ada()).ask('{ registryCredentials { registry } secrets { name } }')
  await page.goto('/system/registries')
  await page.locator('input[name=registry]').fill('registry.example:5000')
  await page.locator('input[name=username]').fill('puller')
  await page.locator('input[name=password]').fill('of the registry')
  await page.getByRole('button', { name: 'Keep' }).first().click()
  const registry = page.getByRole('row', { name: /^registry\.example:5000/ })
  await registry.waitFor()
  await page.locator('input[name=name]').fill('tracker')
  await page.locator('input[name=value]').fill('hidden in logs')
  await page.getByRole('button', { name: 'Keep' }).last().click()
  const secret = page.getByRole('row', { name: /^tracker/ })
  await secret.waitFor()
  expect(await known()).toEqual({
    registryCredentials: [{ registry: 'registry.example:5000' }],
    secrets: [{ name: 'tracker' }],
  })
  expect(await page.content()).not.toMatch(/of the registry"|hidden in logs/)
  expect(await lookedAt(page, 'system registries filled')).toEqual([])

  for (const name of ['registry.example:5000', 'tracker']) {
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  }
  await page.getByText('No credentials: images are pulled anonymously.', { exact: true }).waitFor()
  await page.getByText('There are none.', { exact: true }).waitFor()
  expect(await known()).toEqual({ registryCredentials: [], secrets: [] })
}, 60_000)

test('a key is shown once, and works', async () => {
  await page.goto('/account')
  await page.getByLabel('What it is for').fill('a script')
  await page.getByRole('button', { name: 'Create a key' }).click()
  const token = await page.locator('.token').innerText()
  const { viewer } = await new ApiClient(url, token).ask<{ viewer: { email: string } }>(
    '{ viewer { email } }',
  )
  expect(viewer.email).toBe('ada@ymir.example')
  expect(await lookedAt(page, 'account')).toEqual([])

  await page.reload()
  await page.getByRole('cell', { name: 'a script', exact: true }).waitFor()
  expect(await page.getByText(token).count()).toBe(0)
}, 60_000)

test('each page fits a phone', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  const ofProject = ['datasets', 'models', 'lineage', 'settings'].map((place) => `${projectPath}/${place}`)
  for (const path of ['/', '/public-datasets', '/labels', '/account', '/system/users', ...ofProject]) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 360])
  }
  await page.goto('/')
  await heading('Projects').waitFor()
  await takePictures(page, 'home phone')
  await page.setViewportSize({ width: 1280, height: 800 })
}, 120_000)

test('the home page loads less than 300 kB of script, gzipped', async () => {
  await page.goto('/')
  await heading('Projects').waitFor()
  await page.waitForLoadState('networkidle')
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  const scripts = loaded.map((name) => new URL(name).pathname).filter((path) => path.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  const bytes = scripts.map((path) => statSync(join(pages, `${path}.gz`)).size)
  const total = bytes.reduce((sum, size) => sum + size, 0)
  console.log(`scripts of the home page, gzipped: ${(total / 1000).toFixed(1)} kB`)
  expect(total).toBeLessThan(300_000)
}, 60_000)

test('a page waits for its texts, and has them in the language that was chosen meanwhile', async () => {
  await page.goto('/')
  await heading('Projects').waitFor()
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const texts = /\/label\.en-[^/]+\.js$/
  await page.route(texts, async (route) => {
    await released
    await route.continue()
  })
  const asked = page.waitForRequest(texts)
  await page.getByRole('link', { name: 'Labels', exact: true }).click()
  await asked
  await heading('Projects').waitFor()
  await speak(page, '中文')
  await heading('项目').waitFor()
  release()
  await heading('标签').waitFor()
  await page.unroute(texts)
  await speak(page, 'English')
  await heading('Labels').waitFor()
}, 60_000)

test('what happens after a page was read and before it listens is seen without reload', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage(async (message) => {
      if (String(message).includes('ProjectEvents')) await released
      server.send(message)
    })
  })
  await page.goto(`${projectPath}/datasets`)
  await page.getByRole('row', { name: /train/ }).waitFor()
  await page.waitForLoadState('networkidle')
  const projectId = projectPath.split('/').at(-1)!
  await importArchive(await ada(), vocArchive(await pictures(1, 9)), { projectId, name: 'meanwhile' })
  const row = page.getByRole('row', { name: /meanwhile/ })
  expect(await row.count()).toBe(0)
  release()
  await row.waitFor()
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
  expect(await lookedAt(page, 'sign in')).toEqual([])
  await page.locator('input[name=email]').fill('ada@ymir.example')
  await page.locator('input[name=password]').fill('not her password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await heading('Projects').waitFor()
  expect(tab.complaints).toEqual([])
}, 60_000)
