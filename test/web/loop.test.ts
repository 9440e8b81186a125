import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtPages } from '@ymir/deploy'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
import { trainingParameters } from '../testing/loop.ts'
import { anEmptyPlatform } from '../testing/platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

// One person's way through the product with clicks and keys, from signing up to the second round: each test goes on
// where the one before it stopped.

const ada = { name: 'Ada', email: 'ada@ymir.example', password: 'correct horse battery staple' }
/** A training or a mining job of this size takes seconds, on a busy machine a minute. */
const jobMs = 90_000

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let browser: Browser
let tab: Tab
let page: Page
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ymir-zips-'))
  ymir = await anEmptyPlatform({ pages: await builtPages(() => undefined) })
  browser = await aBrowser()
  tab = await aTab(browser, ymir.platform.gatewayUrl)
  page = tab.page
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await ymir?.stop(await administrator())
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: typeof name === 'string' })
const link = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('link', { name, exact: typeof name === 'string' })
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })

test('the first person signs up and is in', async () => {
  await page.goto('/')
  await page.getByLabel('Name').fill(ada.name)
  await page.getByLabel('E-mail').fill(ada.email)
  await page.getByLabel(/^Password/).fill(ada.password)
  await button('Sign up').click()

  await heading('Welcome, Ada').waitFor()
})

test('a project is made with its classes', async () => {
  await button('Create a project').or(button('New project')).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Shapes')
  for (const label of ['disc', 'square']) {
    await dialog
      .getByRole('combobox', { name: /^Classes/ })
      .or(dialog.getByRole('textbox', { name: /^Classes/ }))
      .first()
      .fill(label)
    await page.keyboard.press('Enter')
  }
  await page.keyboard.press('Tab') // the list of labels closes
  await button(/^(Make|Create)/, dialog).click()

  await heading('Shapes').waitFor()
})

test('three archives are imported, the pool without its boxes', async () => {
  const sets = [
    { name: 'train', images: await pictures(4, 1), annotations: 'Take annotations' },
    { name: 'test', images: await pictures(3, 2), annotations: 'Take annotations' },
    { name: 'pool', images: await pictures(5, 3), annotations: 'Images only, for a pool' },
  ]
  for (const { name, images, annotations } of sets) {
    const archive = join(folder, `${name}.zip`)
    writeFileSync(archive, vocArchive(images))
    await link('Import').first().click()
    await page.locator('input[type="file"]').first().setInputFiles(archive)
    await page.getByLabel('Name of the dataset').waitFor()
    await page.getByLabel(annotations).check()
    await button('Import').click()
    await link('Open the version').waitFor({ timeout: jobMs })
    await link('Shapes').first().click()
    await heading('Shapes').waitFor()
  }

  for (const [name, count] of [
    ['train', 4],
    ['test', 3],
    ['pool', 5],
  ] as const)
    // prettier-ignore
    expect(await page.getByRole('row').filter({ has: link(name) }).innerText()).toMatch(new RegExp(`\\b${count}\\b`))
}, 120_000)

test('a first model is trained from the row of its set', async () => {
  await link('Train', page.getByRole('row').filter({ has: link('train') })).click()
  await heading('Train a model').waitFor()
  await choose('Test set', /^test, /)
  await page.getByText('As text').click()
  await page.getByLabel('All parameters').fill(
    Object.entries(trainingParameters)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  )
  await button('Start training').click()

  await page.waitForURL('**/models/*')
  await page.getByText('Ready', { exact: true }).first().waitFor({ timeout: jobMs })
}, 120_000)

test('the iteration says what is missing, and can be started when all is chosen', async () => {
  await link('Shapes').first().click()
  await link('Iterations').click()
  const start = button('Start iteration')
  await start.waitFor()
  await page.getByLabel('Images per round').fill('')
  expect(await start.isDisabled()).toBe(true)
  expect(await page.getByRole('status', { name: 'Still to choose' }).innerText()).toContain(
    'how many images a round mines',
  )
  await page.getByLabel('Images per round').fill('2')
  await choose('Set to mine', /^pool, /)
  expect(await start.isEnabled()).toBe(true)
  expect(await lookedAt(page, 'iteration preparation')).toEqual([])
  await start.click()

  await heading('Round 1').waitFor()
})

test('the first round goes from step to step, and people label what was mined with keys alone', async () => {
  await goThroughRound()

  const brought = page.getByRole('region', { name: 'What round 1 brought' })
  await brought.waitFor()
  await expect.poll(() => brought.innerText()).toMatch(/4 → 6/)
  expect(await lookedAt(page, 'iteration round 1 over')).toEqual([])
}, 240_000)

test('the second round does without what the first mined; its mAP stands on the page', async () => {
  await button('Start round 2').click()
  await heading('Round 2').waitFor()
  await goThroughRound({ cutWhile: 'TRAIN' })
  const brought = page.getByRole('region', { name: 'What round 2 brought' })
  await brought.waitFor()
  await expect.poll(() => brought.innerText()).toMatch(/6 → 8/)
  await link('All rounds').or(link('Change settings first')).click()

  const { project } = await (
    await administrator()
  ).ask<{ project: { rounds: Round[] } }>(roundsQuery, {
    id: projectId(),
  })
  const shown = async (round: number) =>
    (await page.locator(`tr[data-round="${round}"]`).innerText()).replaceAll(/\s+/g, ' ')
  for (const { round, map50, poolCount, trainingCount } of project.rounds.slice(1))
    for (const figure of [`${(map50 * 100).toFixed(1)}%`, `→ ${poolCount}`, `→ ${trainingCount}`])
      await expect.poll(() => shown(round)).toContain(figure)
  expect(project.rounds.map(({ trainingCount, poolCount }) => [trainingCount, poolCount])).toEqual([
    [4, 5],
    [6, 3],
    [8, 1],
  ])
  await page.getByRole('region', { name: 'mAP over the rounds' }).locator('svg').first().waitFor()
  expect(await lookedAt(page, 'iteration rounds')).toEqual([])
}, 240_000)

test('a plan begins in a dialog that is filled in, says why it waits, and can be cancelled', async () => {
  await button('Let it run by itself').click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('Images per round').inputValue()).toBe('2')
  await dialog.getByLabel('Prepare mining data').check()
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'plan dialog')
  await button('Start plan', dialog).click()

  const plans = page.getByRole('region', { name: 'Plans' })
  await plans.getByText('Round 3 waits for a person before its next step: Prepare mining data').waitFor()
  expect(await lookedAt(page, 'plan at its gate')).toEqual([])

  await button('Change', plans).click()
  await dialog.getByLabel('Name').fill('two ways')
  await button('Combine with another strategy', dialog).click()
  await dialog.getByLabel('Weight of Entropy').fill('2')
  await button('Give a class a share', dialog).click()
  await dialog.getByLabel('Share of disc').fill('30')
  await dialog.getByLabel('Rounds at most').fill('7')
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'plan changed')
  await button('Save', dialog).click()
  await plans.getByText('two ways').waitFor()
  expect(await newestPlan()).toMatchObject({
    name: 'two ways',
    state: 'WAITING',
    stopRule: { roundsWithoutGain: 2, maxRounds: 7 },
    settings: {
      strategies: [
        { strategy: 'CLASS_BALANCE', weight: 1 },
        { strategy: 'ENTROPY', weight: 2 },
      ],
      minShare: [{ label: 'disc', share: 0.3 }],
    },
  })

  await button('Cancel plan', plans).click()
  await button('Cancel plan', page.getByRole('dialog')).click()
  await plans.getByText('Cancelled by a person').waitFor()
}, 60_000)

test('the same in Chinese', async () => {
  await speak(page, '中文')
  await page.getByRole('heading', { name: '各轮 mAP' }).waitFor()
  expect(await page.locator('tr[data-round="2"]').innerText()).toContain('第 2 轮')
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
})

test('no page threw or asked for what its policy forbids', () => {
  expect(tab.complaints).toEqual([])
})

interface Round {
  readonly round: number
  readonly map50: number
  readonly poolCount: number
  readonly trainingCount: number
}

async function newestPlan(): Promise<object> {
  const query = `query ($id: ID!) {
    project(id: $id) { plans { name state settings stopRule { roundsWithoutGain maxRounds } } }
  }`
  const client = await administrator()
  const { project } = await client.ask<{ project: { plans: object[] } }>(query, { id: projectId() })
  return project.plans[0]!
}

const roundsQuery = `query ($id: ID!) {
  project(id: $id) { rounds { round map50 poolCount trainingCount } }
}`

/** Chooses an option of a field as a person does: opens it and clicks. */
async function choose(field: string, option: RegExp): Promise<void> {
  await page
    .getByRole('combobox', { name: field })
    .or(page.getByRole('textbox', { name: field }))
    .first()
    .click()
  await page.getByRole('option', { name: option }).first().click()
}

/** Clicks through the steps of the round whose page is open. @param cutWhile cuts the connection while this step runs */
async function goThroughRound({ cutWhile }: { cutWhile?: 'TRAIN' } = {}): Promise<void> {
  await button('Prepare mining data', page.getByRole('main')).last().click()
  await whenDue('MINE')
  await button('Start mining').click()
  await whenDue('LABEL')
  const mined = page.locator('.mined li')
  await expect.poll(() => mined.count()).toBe(2)
  expect(await lookedAt(page, 'iteration mined')).toEqual([])
  await button('Send to labelling').click()
  await link('Label images').click()
  await labelWithKeys(2)
  await page.goBack()
  await whenDue('MERGE')
  await button('Update the training set').last().click()
  await whenDue('TRAIN')
  await button('Start training').click()
  if (cutWhile === 'TRAIN') await cutTheConnection()
  await whenDue('NEXT')
}

/** Until the round waits for this step. */
async function whenDue(step: string): Promise<void> {
  const due = page.locator(`li[data-step="${step}"][data-due="true"]:not([data-state="RUNNING"])`)
  await due.waitFor({ timeout: jobMs })
}

/** One box on each image, and on. */
async function labelWithKeys(images: number): Promise<void> {
  for (let image = 0; image < images; image++) {
    await page.locator('#submit').waitFor()
    await page.keyboard.press('n')
    await page.keyboard.press('2')
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
  }
  await page.getByText('Nothing left to label').waitFor()
}

/** The gateway crashes and comes back: the page says so, and goes on by itself. */
async function cutTheConnection(): Promise<void> {
  await page.locator('li[data-step="TRAIN"][data-state="RUNNING"]').waitFor()
  await ymir.platform.kill('gateway')
  await page.getByText('The connection is lost').waitFor()
  await ymir.platform.whenReady({ names: ['gateway'] })
  await page.getByText('The connection is lost').waitFor({ state: 'detached', timeout: 60_000 })
}

const projectId = () => /projects\/([^/]+)/.exec(page.url())?.[1]

/** The same person as a program. */
async function administrator(): Promise<ApiClient> {
  const client = new ApiClient(ymir.platform.gatewayUrl)
  const mutation = `mutation ($input: SignInInput!) { signIn(input: $input) { token } }`
  const { email, password } = ada
  const { signIn } = await client.ask<{ signIn: { token: string } }>(mutation, { input: { email, password } })
  return client.withToken(signIn.token)
}
