import { builtPages } from '@ymir/deploy'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
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
import type { ApiClient } from '../testing/client.ts'
import { createProject, importArchive } from '../testing/loop.ts'
import { anEmptyPlatform, signUp } from '../testing/platform.ts'
import { pictures, side, vocArchive, vocFile, zipOf } from '../testing/shapes.ts'
import { ApiClient as Client } from '../testing/client.ts'

const password = 'correct horse battery staple'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let browser: Browser
let ada: ApiClient
let bob: ApiClient
let projectId: string
let versionId: string
const tabs: Tab[] = []

beforeAll(async () => {
  ymir = await anEmptyPlatform({ pages: await builtPages(() => {}) })
  browser = await aBrowser()
  const { gatewayUrl } = ymir.platform
  ada = await signUp(new Client(gatewayUrl), 'ada@ymir.example')
  bob = await signUp(new Client(gatewayUrl), 'bob@ymir.example')
  projectId = await createProject(ada, 'Shapes')
  await ada.ask(`mutation ($input: SetMemberInput!) { setMember(input: $input) { membership { role } } }`, {
    input: { projectId, email: 'bob@ymir.example', role: 'ANNOTATOR' },
  })
  versionId = await imported('pool', vocArchive(await pictures(5, 3)))
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await ymir?.stop(ada)
}, 60_000)

async function imported(name: string, archive: Buffer): Promise<string> {
  const { version, problem } = await importArchive(ada, archive, { projectId, name, annotations: 'IGNORE' })
  if (!version) throw new Error(`${name} was not imported: ${problem}`)
  return version.id
}

interface Item {
  readonly id: string
  readonly state: string
  readonly comment: string | null
  readonly skipReason: string | null
  readonly annotations: readonly { readonly label: string; readonly box: object }[]
}

async function aTask(choice: object): Promise<string> {
  const input = { projectId, versionId, ...choice }
  const mutation = `mutation ($input: CreateLabellingTaskInput!) { createLabellingTask(input: $input) { task { id } } }`
  const { createLabellingTask } = await ada.ask<{ createLabellingTask: { task: { id: string } } }>(mutation, {
    input,
  })
  const { id } = createLabellingTask.task
  await expect.poll(() => stateOf(id)).toMatchObject({ itemsReady: true })
  return id
}

async function stateOf(taskId: string) {
  const query = `query ($id: ID!) { labellingTask(id: $id) { state itemsReady doneCount acceptedCount } }`
  const { labellingTask } = await ada.ask<{
    labellingTask: { state: string; itemsReady: boolean; doneCount: number; acceptedCount: number }
  }>(query, { id: taskId })
  return labellingTask
}

async function itemsOf(taskId: string): Promise<readonly Item[]> {
  const query = `query ($id: ID!) { labellingTask(id: $id) { items(first: 100) { edges { node {
    id state comment skipReason annotations { label box { x y width height } } } } } } }`
  const { labellingTask } = await ada.ask<{ labellingTask: { items: { edges: { node: Item }[] } } }>(query, {
    id: taskId,
  })
  return labellingTask.items.edges.map(({ node }) => node)
}

async function signedIn(name: 'ada' | 'bob', path: string): Promise<Tab> {
  const tab = await aTab(browser, ymir.platform.gatewayUrl)
  await tab.page.request.post('/session', { data: { signIn: { email: `${name}@ymir.example`, password } } })
  await tab.page.goto(path)
  tabs.push(tab)
  return tab
}

const drawing = (page: Page) => page.getByRole('application', { name: 'Image with boxes' })
const image = (page: Page) => page.getByAltText('The image to label')
const drawn = (page: Page) => page.locator('[data-box=drawn]')
/** Screen pixels from a selected box to the handle that turns it. */
const handleAbove = 24
/** Handles can be taken from the second frame on in which they are drawn; nobody's hand is quicker. */
const handlesDrawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

/** Waits until another image than the one before is there to be labelled. @returns its address */
async function nextImage(page: Page, before?: string): Promise<string> {
  const address = () => image(page).getAttribute('src', { timeout: 20_000 })
  await expect.poll(address).not.toBe(before ?? null)
  await drawing(page).waitFor()
  return (await address())!
}

/** Waits until the browser has so many images in all. */
async function fetchedImages(page: Page, count: number): Promise<void> {
  const fetched = () =>
    page.evaluate(
      () =>
        new Set(
          performance
            .getEntriesByType('resource')
            .map(({ name }) => name)
            .filter((name) => name.includes('/files/assets/')),
        ).size,
    )
  await expect.poll(fetched).toBeGreaterThanOrEqual(count)
}

test('a task is made in the dialog of the project, and its page is where labelling starts', async () => {
  const { page } = await signedIn('ada', `/projects/${projectId}/labelling`)
  await page.getByText('No labelling tasks yet').waitFor()
  await page.getByRole('button', { name: 'New labelling task' }).click()
  await page.getByPlaceholder('Choose a dataset version').click()
  await page.getByRole('option', { name: 'pool v1, 5 images' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('by keyboard')
  await page.getByText('Who may label: ada and bob').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Create task' }).click()

  await page.getByRole('heading', { level: 1, name: 'by keyboard' }).waitFor()
  await page.getByText('0 of 5').waitFor()
  await page.getByRole('link', { name: 'Label', exact: true }).press('Enter')
  await drawing(page).waitFor()
  expect(await seriousFindings(page)).toEqual([])
}, 60_000)

test('a task is labelled by keyboard and mouse from the first claim to the stored result', async () => {
  const taskId = await aTask({ name: 'all ways' })
  const { page } = await signedIn('ada', `/labelling/${taskId}/label`)

  // by keyboard: a quarter of the image in its middle, moved by 10 and by 1, narrower by 10, of the second class
  let at = await nextImage(page)
  await press(page, 'n', 'ArrowRight', 'Alt+ArrowDown', 'Shift+ArrowLeft', '2', 'Enter')

  // by mouse: drawn, then a corner pulled beyond the border, where it stays at the border
  at = await nextImage(page, at)
  const place = (await image(page).boundingBox())!
  const scale = place.width / side
  const to = (x: number, y: number) => page.mouse.move(place.x + x * scale, place.y + y * scale)
  await press(page, '1')
  await to(8, 8)
  await page.mouse.down()
  await to(20, 20)
  await to(40, 30)
  await page.mouse.up()
  await handlesDrawn(page)
  await page.mouse.down()
  await to(50, 50)
  await page.mouse.move(place.x + place.width + 40, place.y + 44 * scale)
  await page.mouse.up()
  await page.keyboard.press('Enter')

  // what the image before has, and one more that is taken back, given back and taken back again
  at = await nextImage(page, at)
  await press(page, 'Control+c')
  expect(await drawn(page).count()).toBe(1)
  await press(page, 'n', 'Control+z', 'Control+Shift+z')
  expect(await drawn(page).count()).toBe(2)
  await press(page, 'Control+z', 'Enter')

  at = await nextImage(page, at)
  await press(page, 's')
  await page.getByLabel('Why can it not be labelled?').fill('too dark')
  await page.keyboard.press('Enter')

  await nextImage(page, at)
  await page.keyboard.press('Enter')
  await page.getByText('Nothing left to label').waitFor()

  await expect.poll(() => stateOf(taskId)).toMatchObject({ state: 'SUCCEEDED' })
  const answers = (await itemsOf(taskId)).map(({ state, annotations }) => ({ state, annotations }))
  const byMouse = { label: 'disc', box: { x: 8, y: 8, width: 56, height: 36 } }
  expect(answers).toEqual([
    { state: 'LABELLED', annotations: [{ label: 'square', box: { x: 34, y: 25, width: 6, height: 16 } }] },
    { state: 'LABELLED', annotations: [byMouse] },
    { state: 'LABELLED', annotations: [byMouse] },
    { state: 'SKIPPED', annotations: [] },
    { state: 'LABELLED', annotations: [] },
  ])
  await page.getByRole('link', { name: 'To the task' }).click()
  await page.getByRole('link', { name: /^all ways v1/ }).waitFor()
}, 90_000)

test('a box is turned by its handle and by keys, and keeps its turn when it is moved and opened again', async () => {
  const taskId = await aTask({ name: 'turned' })
  const { page } = await signedIn('ada', `/labelling/${taskId}/label`)
  const at = await nextImage(page)
  const place = (await image(page).boundingBox())!
  const scale = place.width / side
  const to = (x: number, y: number) => page.mouse.move(place.x + x * scale, place.y + y * scale)
  await to(10, 20)
  await page.mouse.down()
  await to(20, 30)
  await to(50, 32)
  await page.mouse.up()
  await handlesDrawn(page)
  // from above the box to the right of its middle
  await page.mouse.move(place.x + 30 * scale, place.y + 20 * scale - handleAbove)
  await page.mouse.down()
  await to(45, 20)
  await to(55, 26)
  await page.mouse.up()
  await page.getByText('turned by 90°').waitFor()
  await press(page, 'q', 'Alt+e', 'Alt+ArrowDown')
  await page.getByText('turned by 86°').waitFor()
  const query = `mutation ($id: ID!) { claimItems(input: { taskId: $id, first: 1 }) { items { draft { rotation } } } }`
  const draft = () =>
    ada.ask<{ claimItems: { items: { draft: { rotation: number }[] | null }[] } }>(query, { id: taskId })
  const turn = expect.closeTo((86 / 180) * Math.PI, 6)
  await expect.poll(async () => (await draft()).claimItems.items[0]?.draft).toEqual([{ rotation: turn }])
  await page.reload()

  expect(await nextImage(page)).toBe(at)
  await press(page, 'Tab', 'Shift+ArrowDown')
  await page.getByText('turned by 86°').waitFor()
  await press(page, 'Enter')
  await expect.poll(() => stateOf(taskId)).toMatchObject({ doneCount: 1 })
  const answered = `query ($id: ID!) { labellingTask(id: $id) { items(first: 1, states: [LABELLED]) { edges { node {
    annotations { box { width height } rotation } } } } } }`
  const { labellingTask } = await ada.ask<{ labellingTask: { items: { edges: object[] } } }>(answered, {
    id: taskId,
  })
  expect(labellingTask.items.edges).toEqual([
    { node: { annotations: [{ box: { width: 40, height: 22 }, rotation: turn }] } },
  ])
}, 60_000)

test('answers given without a connection wait, and arrive when it is back', async () => {
  const taskId = await aTask({ name: 'bad line' })
  const { page } = await signedIn('bob', `/labelling/${taskId}/label`)
  let at = await nextImage(page)
  // the images ahead are there before the line is cut
  await expect
    .poll(async () => (await itemsOf(taskId)).filter(({ state }) => state === 'CLAIMED'))
    .toHaveLength(3)
  await fetchedImages(page, 3)

  await page.context().setOffline(true)
  await press(page, 'n', 'Enter')
  at = await nextImage(page, at)
  await press(page, 'n', '2', 'Enter')
  await nextImage(page, at)
  await page.getByText('2 answers wait for the connection').waitFor()
  expect(await stateOf(taskId)).toMatchObject({ doneCount: 0 })

  await page.context().setOffline(false)
  await expect.poll(() => stateOf(taskId)).toMatchObject({ doneCount: 2 })
  await page.getByText('wait for the connection').waitFor({ state: 'hidden' })
  const labels = (await itemsOf(taskId)).flatMap(({ annotations }) => annotations.map(({ label }) => label))
  expect(labels).toEqual(['disc', 'square'])
}, 60_000)

test('what is drawn is there again when the page is opened again, here and in another browser', async () => {
  const taskId = await aTask({ name: 'left and back' })
  const { page } = await signedIn('bob', `/labelling/${taskId}/label`)
  const at = await nextImage(page)
  await press(page, 'n', 'Escape', 'n', 'ArrowLeft')
  await page.reload()

  expect(await nextImage(page)).toBe(at)
  await expect.poll(() => drawn(page).count()).toBe(2)

  await press(page, 'n')
  const query = `mutation ($id: ID!) { claimItems(input: { taskId: $id, first: 1 }) { items { draft { label } } } }`
  const draft = () => bob.ask<{ claimItems: { items: { draft: object[] | null }[] } }>(query, { id: taskId })
  await expect.poll(async () => (await draft()).claimItems.items[0]?.draft?.length).toBe(3)
  const other = await signedIn('bob', `/labelling/${taskId}/label`)
  await expect.poll(() => drawn(other.page).count()).toBe(3)
}, 60_000)

test('two people never get the same image', async () => {
  const taskId = await aTask({ name: 'two people' })
  const open = async (name: 'ada' | 'bob') => {
    const { page } = await signedIn(name, `/labelling/${taskId}/label`)
    return { page, first: await nextImage(page) }
  }
  // both have images before one answers: three are held ahead, and of five the quicker would take four
  const labellers = await Promise.all([open('ada'), open('bob')])
  const seen = await Promise.all(
    labellers.map(async ({ page, first }) => {
      await page.keyboard.press('Enter')
      return [first, await nextImage(page, first)]
    }),
  )

  expect(new Set(seen.flat()).size).toBe(4)
}, 60_000)

test('what a model found is dashed until it is accepted or corrected', async () => {
  const taskId = await aTask({ name: 'suggestions' })
  const found = [
    { label: 'disc', score: 0.9, box: { x: 2, y: 2, width: 20, height: 20 } },
    { label: 'square', score: 0.8, box: { x: 40, y: 30, width: 16, height: 16 } },
    { label: 'square', score: 0.5, box: { x: 2, y: 40, width: 10, height: 10 } },
  ]
  await inDatabase(`update labeling.labelling_items set predictions = $2 where task_id = $1`, [
    taskId,
    JSON.stringify(found),
  ])
  const { page } = await signedIn('ada', `/labelling/${taskId}/label`)
  const at = await nextImage(page)
  const suggested = page.locator('[data-box=suggested]')
  await page.getByText('3 suggestions of the model').waitFor()
  expect([await suggested.count(), await drawn(page).count()]).toEqual([3, 0])
  await takePictures(page, 'labelling tool')

  await press(page, 'a') // the most certain
  await press(page, 'Tab', 'Tab') // the disc is selected: on to the next two, in reading order
  await press(page, 'Delete')
  expect([await suggested.count(), await drawn(page).count()]).toEqual([1, 1])
  await press(page, 'Tab', 'Tab', 'Alt+ArrowRight', 'Enter')

  await nextImage(page, at)
  await expect.poll(() => stateOf(taskId)).toMatchObject({ doneCount: 1 })
  const [first] = await itemsOf(taskId)
  expect(first?.annotations).toEqual([
    { label: 'disc', box: found[0]!.box },
    { label: 'square', box: { ...found[1]!.box, x: 41 } },
  ])
}, 60_000)

test('a task made by hand shows what a model found in its version', async () => {
  const [picture] = await pictures(1, 41)
  const found = vocFile(picture!.shapes).replaceAll('</bndbox>', '</bndbox><confidence>0.9</confidence>')
  const archive = zipOf({ 'images/0.png': picture!.png, 'gt/0.xml': vocFile([]), 'pred/0.xml': found })
  await importArchive(ada, archive, { projectId, name: 'looked at' })
  const { page } = await signedIn('ada', `/projects/${projectId}/labelling`)
  await page.getByRole('button', { name: 'New labelling task' }).click()
  await page.getByPlaceholder('Choose a dataset version').click()
  await page.getByRole('option', { name: 'looked at v1, 1 image' }).click()
  const suggestions = page.getByRole('combobox', { name: 'Suggestions of a model' })
  await expect.poll(() => suggestions.inputValue()).toMatch(/2 boxes, of looked at v1$/)
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('textbox', { name: 'Name' }).fill('with suggestions')
  await page.getByRole('button', { name: 'Create task' }).click()
  await page.getByRole('link', { name: 'Label', exact: true }).click()
  await page.getByText('2 suggestions of the model').waitFor()
}, 60_000)

test('answers are reviewed: accepted, corrected, or sent back with a comment that the labeller reads', async () => {
  const taskId = await aTask({ name: 'with review', review: true })
  const labeller = await signedIn('bob', `/labelling/${taskId}/label`)
  let at: string | undefined
  for (let image = 0; image < 3; image++) {
    at = await nextImage(labeller.page, at)
    await press(labeller.page, 'n', 'Enter')
  }
  await expect.poll(() => stateOf(taskId)).toMatchObject({ doneCount: 3 })

  const { page } = await signedIn('ada', `/labelling/${taskId}`)
  await page.getByRole('row', { name: /^bob/ }).waitFor()
  const changed = page.getByRole('link', { name: /^Changed image \d 1 added$/ })
  await expect.poll(() => changed.count()).toBe(3)
  await expect.poll(() => changed.first().locator('rect').count()).toBe(1)
  expect(await changed.first().getAttribute('href')).toMatch(/^\/versions\/[^/]+\/assets\/[0-9a-f]{64}$/)
  expect(await lookedAt(page, 'labelling task')).toEqual([])
  await page.getByRole('link', { name: 'Review' }).click()
  await page.getByText('3 images to review').waitFor()
  at = await nextImage(page)
  expect(await seriousFindings(page)).toEqual([])
  await press(page, 'a')
  at = await nextImage(page, at)
  await press(page, 'Tab', 'ArrowRight')
  await page.getByRole('button', { name: 'Accept with corrections' }).waitFor()
  await press(page, 'a')
  await nextImage(page, at)
  await press(page, 'r')
  await page.getByLabel('Comment').fill('the disc is missing')
  await page.keyboard.press('Enter')
  await page.getByText('Nothing to review').waitFor()

  await expect
    .poll(async () => (await itemsOf(taskId)).slice(0, 3).map(({ state }) => state))
    .toEqual(['ACCEPTED', 'ACCEPTED', 'SENT_BACK'])
  const [, corrected] = await itemsOf(taskId)
  expect(corrected?.annotations).toEqual([{ label: 'disc', box: { x: 34, y: 24, width: 16, height: 16 } }])
  const again = await signedIn('bob', `/labelling/${taskId}/label`)
  await again.page.getByText('the disc is missing').waitFor()
}, 90_000)

test('the page of a checked task shows how good the answers are and the draft, which is accepted at once', async () => {
  const goldVersionId = await knownVersion()
  const taskId = await aTask({ name: 'checked', goldVersionId, goldCount: 2, overlap: 0.2, review: true })
  const claim = `mutation ($id: ID!) { claimItem(input: { taskId: $id }) { item { id } } }`
  const submit = `mutation ($input: SubmitItemInput!) { submitItem(input: $input) { item { state } } }`
  for (const who of [bob, ada])
    for (;;) {
      const { claimItem } = await who.ask<{ claimItem: { item: { id: string } | null } }>(claim, {
        id: taskId,
      })
      if (!claimItem.item) break
      await who.ask(submit, { input: { itemId: claimItem.item.id, annotations: [] } })
    }
  const { page } = await signedIn('ada', `/labelling/${taskId}`)
  const bobs = page.getByRole('row', { name: 'bob' }).filter({ hasText: '0%' })
  await bobs.waitFor() // who missed all that is known
  await page.getByText('5 images: 5 confirmed as they were, 0 changed. 0 are not in it.').waitFor()
  await page.getByText('2 gold images').waitFor()
  expect(await lookedAt(page, 'labelling quality')).toEqual([])
  await page.getByRole('button', { name: 'Accept all 8 answers' }).click()
  await expect.poll(() => stateOf(taskId)).toMatchObject({ state: 'SUCCEEDED' })
}, 90_000)

async function knownVersion(): Promise<string> {
  const archive = vocArchive(await pictures(2, 8))
  const { version, problem } = await importArchive(ada, archive, { projectId, name: 'known' })
  if (!version) throw new Error(`the known images were not imported: ${problem}`)
  return version.id
}

test('the next images are fetched ahead; how soon each is seen after an answer is printed', async () => {
  const photos = await Promise.all(Array.from({ length: 8 }, (_, index) => aPhoto(index)))
  const files = Object.fromEntries(photos.map((photo, index) => [`images/${index}.jpg`, photo]))
  const photosId = await imported('photos', zipOf(files))
  const taskId = await aTask({ name: 'quick', versionId: photosId })
  const { page } = await signedIn('ada', `/labelling/${taskId}/label`)
  let at: string | undefined
  for (let image = 0; image < 7; image++) {
    at = await nextImage(page, at)
    await press(page, 'n')
    await fetchedImages(page, Math.min(image + 3, 8)) // a person looks for longer than it takes to fetch the next
    await press(page, 'Enter')
  }
  await nextImage(page, at)

  const times = () =>
    page.evaluate(() => performance.getEntriesByName('next image').map(({ duration }) => duration))
  await expect.poll(async () => (await times()).length).toBe(7)
  const sorted = (await times()).sort((one, other) => one - other)
  console.log(`next image (1920x1080): ${sorted.map((time) => time.toFixed(0)).join(', ')} ms`)
}, 120_000)

test('the pages of labelling are spoken in Chinese, and nothing broke a rule of the browser', async () => {
  const { page } = await signedIn('ada', `/projects/${projectId}/labelling`)
  await page.getByRole('link', { name: 'with review' }).waitFor()
  expect(await lookedAt(page, 'labelling tasks')).toEqual([])
  await speak(page, '中文')
  await page.getByRole('button', { name: '新建标注任务' }).waitFor()
  await page.getByRole('link', { name: 'quick' }).click()
  await page.getByRole('link', { name: '开始标注' }).click()
  await page.getByRole('application').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await takePictures(page, 'labelling tool zh')
  await page.setViewportSize({ width: 360, height: 740 })
  await takePictures(page, 'labelling tool narrow')

  expect(tabs.flatMap(({ complaints }) => complaints)).toEqual([])
}, 90_000)

/** A photograph's worth of bytes. */
function aPhoto(index: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 90 + index * 10, sigma: 40 } as const
  return sharp({ create: { width: 1920, height: 1080, channels: 3, background: 'gray', noise } })
    .blur(2)
    .jpeg({ quality: 85 })
    .toBuffer()
}

async function inDatabase(sql: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: ymir.platform.databaseUrl })
  await client.connect()
  try {
    await client.query(sql, [...values])
  } finally {
    await client.end()
  }
}
