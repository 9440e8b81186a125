import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { builtPages } from '@ymir/deploy'
import { aLabelStudio } from '@ymir/labeling/testing'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBrowser, aTab, lookedAt, seriousFindings, takePictures, type Tab } from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { createProject, importArchive } from '../testing/loop.ts'
import { anEmptyPlatform, signUp } from '../testing/platform.ts'
import { pictures, side, vocArchive } from '../testing/shapes.ts'

// An owner's way with a vendor, from its making to its end: each test goes on where the one before it stopped.

const password = 'correct horse battery staple'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let browser: Browser
let tab: Tab
let page: Page
let ada: ApiClient
let projectId: string
let versionId: string
let address: Server
/** What the vendor's address answers. */
let answer = 204
let webhookUrl: string
let vendorPath: string
let tool: Awaited<ReturnType<typeof aLabelStudio>> | undefined

beforeAll(async () => {
  ymir = await anEmptyPlatform({
    pages: await builtPages(() => {}),
    environment: { YMIR_VENDOR_PRIVATE_URLS: '1', YMIR_CONNECTOR_POLL_SECONDS: '1' },
  })
  const { gatewayUrl } = ymir.platform
  ada = await signUp(new ApiClient(gatewayUrl), 'ada@ymir.example')
  projectId = await createProject(ada, 'Shapes')
  const pool = { projectId, name: 'pool', annotations: 'IGNORE' } as const
  const { version } = await importArchive(ada, vocArchive(await pictures(2, 3)), pool)
  versionId = version!.id
  address = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(answer).end())
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => address.once('listening', resolve))
  webhookUrl = `http://127.0.0.1:${(address.address() as AddressInfo).port}/hook` // it listens on a port
  browser = await aBrowser()
  tab = await aTab(browser, gatewayUrl)
  page = tab.page
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.request.post('/session', { data: { signIn: { email: 'ada@ymir.example', password } } })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  address?.close()
  address?.closeAllConnections()
  await tool?.stop()
  await ymir?.stop(ada)
}, 60_000)

const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: typeof name === 'string' })
const heading = (name: string) => page.getByRole('heading', { level: 1, name })
const dialog = () => page.getByRole('dialog')
const section = () => page.getByRole('region', { name: 'Labelling tool' })
const secret = (kind: string) => page.locator(`[data-secret=${kind}]`)

/** A task of the vendor whose page was opened. */
async function aTask(name: string, choice: object = {}): Promise<string> {
  const mutation = `mutation ($input: CreateLabellingTaskInput!) { createLabellingTask(input: $input) { task { id } } }`
  const input = { projectId, versionId, name, vendorId: vendorPath.split('/').at(-1), ...choice }
  const { createLabellingTask } = await ada.ask<{ createLabellingTask: { task: { id: string } } }>(mutation, {
    input,
  })
  return createLabellingTask.task.id
}

interface Item {
  readonly id: string
  readonly assetId: string
}

/** In the order of the task, when all are there. */
async function itemsOf(taskId: string): Promise<readonly Item[]> {
  const query = `query ($id: ID!) { labellingTask(id: $id) { itemsReady items { edges { node { id assetId } } } } }`
  interface Seen {
    readonly labellingTask: {
      readonly itemsReady: boolean
      readonly items: { readonly edges: readonly { readonly node: Item }[] }
    }
  }
  const seen = async () => (await ada.ask<Seen>(query, { id: taskId })).labellingTask
  await expect.poll(seen).toMatchObject({ itemsReady: true })
  return (await seen()).items.edges.map(({ node }) => node)
}

/** Whether the page needs no more width than a phone has. */
async function fitsAPhone(): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await takePictures(page, 'vendor on a phone')
  await page.setViewportSize({ width: 1280, height: 800 })
}

function tasksFor(token: string): Promise<number> {
  return new ApiClient(ymir.platform.gatewayUrl, token).get('/vendor/tasks').then(({ status }) => status)
}

/** The row of what was told of a task by a door. */
const delivery = (task: string, door: string) =>
  page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: task }) })
    .filter({ hasText: door })

test('an owner makes a vendor; with what it comes in is shown once and can be copied', async () => {
  await page.goto(`/projects/${projectId}/settings`)
  await page.getByText('No vendors yet.').waitFor()
  await button('New vendor').click()
  await dialog().getByLabel('Name').fill('Boxes Ltd')
  await dialog().getByLabel('Webhook address (optional)').fill(webhookUrl)
  await dialog().getByLabel('With a user of NATS').check()
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'new vendor')
  await button('Create vendor', dialog()).click()

  await dialog().getByText('Shown only now').waitFor()
  const token = await secret('token').innerText()
  expect([token, await secret('webhookSecret').innerText(), await secret('natsSeed').innerText()]).toEqual([
    expect.stringMatching(/^ymir_v_/),
    expect.stringMatching(/^whsec_/),
    expect.stringMatching(/^SU/),
  ])
  await button('Copy token', dialog()).click()
  await button('Copied', dialog()).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
  expect(await tasksFor(token)).toBe(200)
  await page.keyboard.press('Escape') // what is shown once is not closed by chance
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'vendor secrets')
  await button('I have copied it', dialog()).click()

  const row = page.getByRole('row', { name: /^Boxes Ltd Webhook NATS 0 none$/ })
  await row.waitFor()
  expect(await page.content()).not.toContain(token)
  expect(await lookedAt(page, 'vendors')).toEqual([])
  await row.getByRole('link', { name: 'Boxes Ltd' }).click()
  await heading('Boxes Ltd').waitFor()
  vendorPath = new URL(page.url()).pathname
}, 90_000)

test('the log shows each try and sends again; an address that is gone is used again', async () => {
  answer = 500
  await aTask('first look')
  const byWebhook = delivery('first look', 'Webhook')
  await delivery('first look', 'NATS').getByText('Delivered').waitFor()
  await byWebhook.getByText(/next try/).waitFor()
  await byWebhook.getByRole('button', { name: 'Tries' }).click()
  await page
    .getByText(/answered with status 500/)
    .first()
    .waitFor()
  expect(await lookedAt(page, 'vendor')).toEqual([])

  answer = 204
  await button('Send again', byWebhook).click()
  await byWebhook.getByText('Delivered').waitFor()
  await page.getByText(/ms · answer 204$/).waitFor()

  answer = 410
  await button('Send again', byWebhook).click()
  await page.getByText('Nothing is sent to this webhook any more').waitFor()
  expect(await lookedAt(page, 'vendor whose webhook is gone')).toEqual([])
  answer = 204
  await button('Use it again').click()
  await page.getByText('Nothing is sent to this webhook any more').waitFor({ state: 'detached' })
  await button('Send again', byWebhook).click()
  await byWebhook.getByText('Delivered').waitFor()
}, 120_000)

test('what a vendor comes in with is renewed, beside the earlier or in its place', async () => {
  const renewed = async (opener: string, overlap?: string) => {
    await button(opener).click()
    if (overlap) {
      await dialog().getByRole('combobox', { name: 'The earlier one' }).click()
      await page.getByRole('option', { name: overlap }).click()
    }
    expect(await seriousFindings(page)).toEqual([])
    await button('Renew', dialog()).click()
    const value = await dialog().locator('[data-secret]').innerText()
    await button('I have copied it', dialog()).click()
    await dialog().waitFor({ state: 'detached' })
    return value
  }
  const first = await renewed('Renew token')
  const second = await renewed('Renew token', 'is good for 1 hour more')
  expect([await tasksFor(first), await tasksFor(second)]).toEqual([200, 200])
  const third = await renewed('Renew token', 'ends at once')
  expect(await tasksFor(third)).toBe(200)
  // the gateway may believe an ended token for another five seconds (docs/vendors.md)
  await expect.poll(() => tasksFor(second)).toBe(401)
  expect(await renewed('Renew secret')).toMatch(/^whsec_/)
  expect(await renewed('Renew key')).toMatch(/^SU/)

  await page.getByLabel('Webhook address').fill('ftp://boxes.example/')
  await button('Save').click()
  await page.getByText('webhookUrl is not an http or https address').waitFor()
  await button('Remove webhook').click()
  await page.getByText('The webhook is removed').waitFor()
}, 120_000)

test('a vendor is connected to a labelling tool; a wrong token is told at its field', async () => {
  tool = await aLabelStudio({ size: { width: side, height: side } })
  await page.goto(vendorPath)
  await button('Connect a tool').click()
  const [address, token] = ['url', 'token'].map((name) => dialog().locator(`input[name=${name}]`))
  expect(await dialog().getByLabel('Where the tool reaches this platform').inputValue()).toBe(
    ymir.platform.gatewayUrl,
  )
  await dialog().getByRole('radio', { name: 'CVAT' }).check()
  await dialog().getByLabel('Organization (optional)').waitFor()
  await dialog().getByRole('radio', { name: 'Label Studio' }).check()
  await address!.fill('ftp://label.example')
  await token!.fill('wrong')
  await button('Connect', dialog()).click()
  await expect.poll(() => address!.getAttribute('aria-invalid')).toBe('true')

  await address!.fill(tool.url)
  await button('Connect', dialog()).click()
  await expect.poll(() => token!.getAttribute('aria-invalid')).toBe('true')
  expect(await address!.getAttribute('aria-invalid')).toBe(null)
  const told = await token!.getAttribute('aria-describedby')
  const words = await Promise.all(told!.split(/\s+/).map((id) => page.locator(`[id="${id}"]`).innerText()))
  expect(words.join(' ')).toMatch(/status 401: connect the vendor again with a token that may do this/)
  expect(await token!.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'connecting a tool')

  await token!.fill(tool.token)
  await button('Connect', dialog()).click()
  await dialog().waitFor({ state: 'detached' })
  const link = section().getByRole('link', { name: tool.url })
  expect([await link.getAttribute('href'), await link.getAttribute('rel')]).toEqual([tool.url, 'noreferrer'])
  expect(await page.content()).not.toContain(tool.token)

  await button('Change token or address').click()
  expect([await address!.inputValue(), await token!.inputValue()]).toEqual([tool.url, ''])
  await button('Cancel', dialog()).click()
}, 60_000)

test('a task goes to the tool and comes back; an answer that cannot be taken is told until it is mended', async () => {
  const { labels, ofItem, tasks, ...server } = tool!
  const taskId = await aTask('in the tool')
  const items = await itemsOf(taskId)
  const isThere = ({ id }: Item) => tasks.some(({ data }) => data.ymir_item === id)
  await expect.poll(() => items.map(isThere)).toEqual([true, true])
  await section().locator('time').waitFor()

  const [first = '', second = ''] = items.map(({ id }) => id)
  const box = { x: 10, y: 10, width: 50, height: 50 }
  await expect.poll(() => tool!.hooks.length).toBeGreaterThan(0)
  await labels(first, [{ ...box, label: 'wheel' }])
  await labels(second, [{ ...box, label: 'disc' }])
  const refused = page.locator(`[data-refused="${first}"]`)
  await refused.getByText(/"wheel" is no class of the task/).waitFor()
  server.goesDown()
  await section()
    .getByRole('alert')
    .getByText(/cannot be reached/)
    .waitFor()
  expect(await lookedAt(page, 'vendor in a tool')).toEqual([])
  await fitsAPhone()
  await refused.getByRole('link', { name: `Image ${first}` }).click()
  await page.waitForURL(`**/versions/${versionId}/assets/${items[0]?.assetId}`)
  await page.getByRole('heading', { level: 1, name: /^Image \d of 2$/ }).waitFor()
  await page.goBack()

  server.comesBack()
  expect(ofItem(second).annotations).toHaveLength(1)
  await labels(first, [{ ...box, label: 'square' }])
  await refused.waitFor({ state: 'detached' })
  await page.getByText('1 open task').waitFor()
  await section().getByRole('alert').waitFor({ state: 'detached' })
  const query = `query ($id: ID!) { labellingTask(id: $id) { state doneCount } }`
  const task = () => ada.ask<{ labellingTask: object }>(query, { id: taskId })
  await expect.poll(async () => (await task()).labellingTask).toEqual({ state: 'SUCCEEDED', doneCount: 2 })
}, 120_000)

test('a vendor is disconnected from its tool; what is there stays there', async () => {
  await page.goto(`/projects/${projectId}/settings`)
  await page.getByRole('row', { name: /^Boxes Ltd NATS Label Studio 1 none$/ }).waitFor()
  await page.goto(vendorPath)
  await button('Disconnect').click()
  await dialog()
    .getByText(/Projects, images and answers in Label Studio stay there/)
    .waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'disconnecting a tool')
  await button('Disconnect', dialog()).click()
  await button('Connect a tool').waitFor()
  expect(tool!.tasks).toHaveLength(4)
  await fitsAPhone()
}, 60_000)

test('a task of which nothing comes says so, and is moved to people and back', async () => {
  const taskId = await aTask('slow', { stuckAfterSeconds: 1 })
  const query = `query ($id: ID!) { labellingTask(id: $id) { stuckSince } }`
  const isStuck = async () => {
    const { labellingTask } = await ada.ask<{ labellingTask: { stuckSince: string | null } }>(query, {
      id: taskId,
    })
    return labellingTask.stuckSince !== null
  }
  // before the page is opened: what happens between its reading and its listening is not heard
  await expect.poll(isStuck, { timeout: 40_000 }).toBe(true)
  await page.goto(`/labelling/${taskId}`)
  await page.getByRole('link', { name: 'Boxes Ltd' }).waitFor()
  await page.getByText('Nothing has come from Boxes Ltd').waitFor()
  expect(await lookedAt(page, 'stuck task')).toEqual([])
  await button('Move to a vendor or to people').click()
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'moving a task')
  await button('Move', dialog()).click()
  await page.getByText('People of the project').waitFor()
  await page.getByRole('link', { name: 'Label', exact: true }).waitFor()

  await button('More actions').click()
  await page.getByRole('menuitem', { name: 'Move to a vendor or to people' }).click()
  await dialog().getByPlaceholder('Choose a vendor').click()
  await page.getByRole('option', { name: 'Boxes Ltd' }).click()
  await button('Move', dialog()).click()
  await page.getByRole('link', { name: 'Boxes Ltd' }).waitFor()
}, 90_000)

test('a vendor is closed for good; its task says so', async () => {
  await page.getByRole('link', { name: 'Boxes Ltd' }).click()
  await button('Close vendor').click()
  await dialog().getByText('It has 2 open tasks').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await button('Close vendor', dialog()).click()
  await page.getByText('Closed', { exact: true }).waitFor()
  await button('Renew token').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'slow' }).first().click()
  await page.getByText('Boxes Ltd is closed and cannot label any more').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.goto(`/projects/${projectId}/settings`)
  await page.getByText('No vendors yet.').waitFor()
}, 60_000)

test('who is no owner is told who manages vendors, and nothing of its keys', async () => {
  await signUp(new ApiClient(ymir.platform.gatewayUrl), 'bob@ymir.example')
  const join = `mutation ($input: SetMemberInput!) { setMember(input: $input) { membership { role } } }`
  await ada.ask(join, { input: { projectId, email: 'bob@ymir.example', role: 'EDITOR' } })
  const bob = await aTab(browser, ymir.platform.gatewayUrl)
  await bob.page.request.post('/session', { data: { signIn: { email: 'bob@ymir.example', password } } })
  await bob.page.goto(vendorPath)
  await bob.page.getByText('Owners of the project manage its vendors.').waitFor()
  await bob.page.goto(`/projects/${projectId}/settings`)
  await bob.page.getByRole('heading', { name: 'Members' }).waitFor()
  expect(await bob.page.getByText('Labelling vendors').count()).toBe(0)
  expect([...tab.complaints, ...bob.complaints]).toEqual([])
}, 60_000)
