/// <reference lib="dom.iterable" />
/// <reference lib="dom.asynciterable" />
/// <reference lib="dom" />
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtPages } from '@ymir/deploy'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBrowser, aTab, lookedAt, seriousFindings, takePictures, type Tab } from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { anExecutorImage, leaveAModel } from '../testing/executor-image.ts'
import { createProject, importArchive, trainingParameters, trainModel } from '../testing/loop.ts'
import { anEmptyPlatform, signUp } from '../testing/platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let browser: Browser
let ada: ApiClient
let tab: Tab
let page: Page
let projectId: string
let trainId: string
let testId: string

beforeAll(async () => {
  ymir = await anEmptyPlatform({ pages: await builtPages(() => {}) })
  browser = await aBrowser()
  const { gatewayUrl } = ymir.platform
  ada = await signUp(new ApiClient(gatewayUrl), 'ada@ymir.example')
  projectId = await createProject(ada, 'Shapes')
  trainId = await imported('train', vocArchive(await pictures(4, 1)))
  testId = await imported('test', vocArchive(await pictures(3, 2)))
  tab = await aTab(browser, gatewayUrl)
  page = tab.page
  const signIn = { email: 'ada@ymir.example', password: 'correct horse battery staple' }
  await page.request.post('/session', { data: { signIn } })
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await ymir?.stop(ada)
}, 60_000)

async function imported(name: string, archive: Buffer): Promise<string> {
  const { version, problem } = await importArchive(ada, archive, { projectId, name })
  if (!version) throw new Error(`${name} was not imported: ${problem}`)
  return version.id
}

/** A training by an image that runs these lines. */
async function aJob(name: string, script: string): Promise<{ id: string; jobId: string; folder: string }> {
  const { id: executorImageId, folder } = await anExecutorImage(ada, ymir.home, script)
  const sets = { trainingVersionId: trainId, testVersionId: testId }
  const model = await trainModel(ada, { projectId, name, executorImageId, parameters: {}, ...sets })
  return { ...model, folder }
}

test('a model is trained from its page, its curve appears as it learns, and then its mAP', async () => {
  await page.goto(`/projects/${projectId}/train?version=${trainId}`)
  await expect
    .poll(() => page.getByLabel('Training set', { exact: false }).first().inputValue())
    .toMatch(/^train/)
  expect(await page.getByLabel('Test set', { exact: false }).first().inputValue()).toMatch(/^test/)
  await page.getByText('As text', { exact: true }).click()
  const lines = Object.entries({ ...trainingParameters, steps: 400 }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  await page.getByLabel('All parameters').fill(lines.join('\n'))
  expect(await lookedAt(page, 'train')).toEqual([])
  await page.getByRole('button', { name: 'Start training' }).click()
  await page.waitForURL(/\/models\/[0-9a-f-]{36}$/)

  const curve = page.locator('path[data-line="train/loss"]')
  await curve.waitFor({ timeout: 60_000 })
  // it is drawn while the model is still being trained, and grows
  const drawn = Number(await curve.getAttribute('data-points'))
  await expect
    .poll(async () => Number(await curve.getAttribute('data-points')), { timeout: 60_000 })
    .toBeGreaterThan(drawn)
  await takePictures(page, 'model in training')

  const figure = page.locator('[data-figure="map50"]')
  await figure.waitFor({ timeout: 120_000 })
  const { model } = await ada.ask<{ model: { map50: number } }>(
    `query ($id: ID!) { model(id: $id) { map50 } }`,
    {
      id: page.url().split('/').at(-1),
    },
  )
  expect(await figure.textContent()).toContain(`${(model.map50 * 100).toFixed(1)}%`)
  await page.getByRole('region', { name: 'Confusion matrix' }).waitFor()
  expect(await lookedAt(page, 'model')).toEqual([])
}, 300_000)

test('photos are looked at by the model, and the threshold acts at once', async () => {
  const photo = (await pictures(1, 2))[0]!
  await page.locator('input[type="file"]').setInputFiles({
    name: 'bricks.png',
    mimeType: 'image/png',
    buffer: photo.png,
  })
  const shown = page.locator('[data-photo="bricks.png"]')
  await shown.waitFor({ timeout: 60_000 })
  const boxes = shown.locator('[data-box]')
  const slider = page.getByRole('slider', { name: 'Confidence from' }).last()

  await slider.press('Home')
  await expect.poll(() => boxes.count()).toBeGreaterThan(0)
  await takePictures(page, 'model on photos')
  const scores = await boxes.evaluateAll((all) => all.map((box) => Number(box.getAttribute('data-score'))))
  const median = scores.sort((one, other) => one - other)[Math.floor(scores.length / 2)]!
  const asked = requestsOf(page)
  while (Number(await slider.getAttribute('aria-valuenow')) <= median) await slider.press('ArrowRight')
  const threshold = Number(await slider.getAttribute('aria-valuenow'))
  expect(await boxes.count()).toBe(scores.filter((score) => score >= threshold).length)
  expect(await boxes.count()).toBeLessThan(scores.length)
  // nobody had to be asked for that
  expect(asked.filter((body) => body.includes('InferredPhotos'))).toEqual([])
}, 120_000)

test('the log of a job is followed, searched and followed again', async () => {
  const { jobId, folder } = await aJob(
    'talks',
    `for i in $(seq 1 3000); do echo "line $i"; done
    printf '\\033[31mred needle\\033[0m\\n' >&2
    for i in $(seq 1 500); do echo "more $i"; done
    until [ -e "$HERE/go" ]; do sleep 0.1; done
    echo "the very end"${leaveAModel}`,
  )
  await page.goto(`/jobs/${jobId}`)
  const log = page.getByRole('log')
  await log.getByText('more 500', { exact: true }).waitFor({ timeout: 60_000 })
  expect(await log.getByText('line 1', { exact: true }).count()).toBe(0)

  await page.getByRole('searchbox', { name: 'Search the log' }).fill('NEEDLE')
  await page.getByText('1 of 1', { exact: true }).waitFor()
  const found = log.getByText('red needle', { exact: true })
  await found.waitFor()
  expect(await found.evaluate((span) => getComputedStyle(span).color)).not.toBe(
    await log.evaluate((element) => getComputedStyle(element).color),
  )
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('')
  await page.getByRole('button', { name: 'Jump to the end' }).click()
  writeFileSync(join(folder, 'go'), '')
  await log.getByText('the very end', { exact: true }).waitFor({ timeout: 30_000 })
  expect(await lookedAt(page, 'job')).toEqual([])
}, 180_000)

test('a failed job shows its cause, advice and last lines, and can be tried again with other parameters', async () => {
  const { id, jobId } = await aJob('breaks', 'echo "the reel of tape is torn" >&2; exit 7')
  await page.goto(`/jobs/${jobId}`)
  const alert = page.getByRole('alert')
  await alert.waitFor({ timeout: 60_000 })
  const { job } = await ada.ask<{ job: { failure: { message: string; advice: string } } }>(
    `query ($id: ID!) { job(id: $id) { failure { message advice } } }`,
    { id: jobId },
  )
  const told = await alert.textContent()
  for (const words of [job.failure.message, job.failure.advice, 'the reel of tape is torn', 'exit code 7'])
    expect(told).toContain(words)
  expect(await lookedAt(page, 'failed job')).toEqual([])

  await page.goto(`/models/${id}`)
  await alert.getByText('the reel of tape is torn').waitFor()
  await page.getByText('Failed', { exact: true }).waitFor()
  expect(await alert.count()).toBe(1) // the model failed with its job, for the same reason

  await page.goto(`/jobs/${jobId}`)
  await page.getByRole('button', { name: 'Try again' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Parameters').fill('{"tape": "new"}')
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/jobs/') && !url.pathname.endsWith(jobId))
  await page.getByText('"tape": "new"').waitFor()
}, 180_000)

test('all jobs stand in one list, those that failed with why', async () => {
  await page.goto('/jobs')
  await page.getByRole('link', { name: 'Training of breaks' }).first().waitFor()
  await page
    .getByRole('combobox', { name: 'States shown' })
    .or(page.getByLabel('States shown'))
    .first()
    .click()
  await page.getByRole('option', { name: 'Failed' }).click()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('link', { name: 'Training of talks' }).count()).toBe(0)
  expect(await lookedAt(page, 'jobs')).toEqual([])
}, 60_000)

test('an administrator moves a waiting job, and it moves', async () => {
  const untilReleased = `until [ -e "$HERE/go" ]; do sleep 0.1; done${leaveAModel}`
  const holder = await aJob('holds the slot', untilReleased)
  await page.goto('/jobs')
  await page.getByRole('link', { name: 'Training of holds the slot' }).waitFor()
  const jobs = [holder, await aJob('early', leaveAModel), await aJob('late', leaveAModel)]
  const queue = page.getByRole('region', { name: /^Waiting/ })
  const inOrder = () => queue.getByRole('link', { name: /^Training of / }).allTextContents()
  await expect.poll(inOrder).toEqual(['Training of early', 'Training of late'])
  const row = (name: string) => queue.locator('[data-job]').filter({ hasText: name })
  await row('late').getByText('place 2 in the queue').waitFor()
  expect(await row('early').getByRole('button', { name: 'One place forward' }).count()).toBe(0)
  expect(await lookedAt(page, 'job queue')).toEqual([])

  await row('late').getByRole('button', { name: 'One place forward' }).click()
  await expect.poll(inOrder).toEqual(['Training of late', 'Training of early'])
  await row('late').getByText('place 1 in the queue').waitFor()
  await row('early').getByText('place 2 in the queue').waitFor()
  writeFileSync(join(holder.folder, 'go'), '')
  await expect.poll(inOrder, { timeout: 60_000 }).toEqual([])
  for (const { jobId } of jobs) await whenSucceeded(jobId)
}, 120_000)

async function whenSucceeded(jobId: string): Promise<void> {
  const query = `query ($id: ID!) { job(id: $id) { state } }`
  const state = async () => (await ada.ask<{ job: { state: string } }>(query, { id: jobId })).job.state
  await expect.poll(state, { timeout: 60_000 }).toBe('SUCCEEDED')
}

test('mining with a model begins with that model and its sets, though others are newer', async () => {
  await page.goto(`/models/${(await idOfModel())(/^model/)}`)
  await page.getByRole('link', { name: 'Mine with it' }).click()
  await page.getByRole('heading', { name: 'Prepare round 1' }).waitFor()
  const chosen = (label: string) => page.getByLabel(label, { exact: false }).first().inputValue()
  await expect.poll(() => chosen('Start model')).toMatch(/^model/)
  expect(await chosen('Training set')).toMatch(/^train/)
  expect(await chosen('Test set')).toMatch(/^test/)
}, 60_000)

test('models stand side by side with their curves over each other', async () => {
  const named = await idOfModel()
  await page.goto(`/models/compare?ids=${named(/^model/)},${named(/^talks/)}`)
  await page.getByRole('heading', { name: 'Differences' }).waitFor()
  await page.locator('path[data-line]').first().waitFor()
  await page.getByRole('rowheader', { name: 'Executor image' }).waitFor()
  expect(await lookedAt(page, 'compared models')).toEqual([])
  expect(tab.complaints).toEqual([])
}, 60_000)

/** Finds models of the project by their names. */
async function idOfModel(): Promise<(name: RegExp) => string> {
  const query = `query ($id: ID!) { project(id: $id) { models(first: 20) { edges { node { id name } } } } }`
  const { project } = await ada.ask<{
    project: { models: { edges: { node: { id: string; name: string } }[] } }
  }>(query, { id: projectId })
  return (name) => project.models.edges.find(({ node }) => name.test(node.name))!.node.id
}

/** The bodies of what a page asks the graph from now on. */
function requestsOf(of: Page): string[] {
  const bodies: string[] = []
  of.on('request', (request) => {
    if (request.url().endsWith('/graphql')) bodies.push(request.postData() ?? '')
  })
  return bodies
}
