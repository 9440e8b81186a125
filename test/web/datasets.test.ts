import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtPages } from '@ymir/deploy'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBrowser, aTab, lookedAt, seriousFindings, type Tab } from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { createProject, importArchive } from '../testing/loop.ts'
import { anEmptyPlatform, signUp } from '../testing/platform.ts'
import { pictures, vocArchive, vocFile, zipOf } from '../testing/shapes.ts'

let ymir: Awaited<ReturnType<typeof anEmptyPlatform>>
let browser: Browser
let ada: ApiClient
let tab: Tab
let page: Page
let projectId: string
/** Address of the version that the first test imports. */
let version: string
/** Folder of the server from which may be imported. */
let root: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ymir-import-root-'))
  const environment = { ...process.env, YMIR_IMPORT_ROOTS: root, YMIR_IMPORT_PRIVATE_URLS: '1' }
  ymir = await anEmptyPlatform({ pages: await builtPages(() => {}), environment })
  browser = await aBrowser()
  const { gatewayUrl } = ymir.platform
  ada = await signUp(new ApiClient(gatewayUrl), 'ada@ymir.example')
  projectId = await createProject(ada, 'Shapes', ['disc'])
  tab = await aTab(browser, gatewayUrl)
  page = tab.page
  const signIn = { email: 'ada@ymir.example', password: 'correct horse battery staple' }
  await page.request.post('/session', { data: { signIn } })
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await ymir?.stop(ada)
  rmSync(root, { recursive: true, force: true })
}, 60_000)

const cells = () => page.locator('a.asset-cell')
const outlines = (label: string) => page.locator(`a.asset-cell g[data-label="${label}"]`)

/** Chooses a zip on the import page and waits until it was looked into. */
async function choose(name: string, buffer: Buffer): Promise<void> {
  await page.goto(`/projects/${projectId}/import`)
  await page.getByLabel('Choose files').last().setInputFiles({ name, mimeType: 'application/zip', buffer })
  await page.getByRole('heading', { name: 'What was found' }).waitFor()
}

async function startImport(): Promise<void> {
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.waitForURL(/\/imports\/[0-9a-f-]{36}$/)
}

test('a zip is shown for what it is, imported, and its version looked at', async () => {
  await choose('shapes.zip', vocArchive(await pictures(6, 1)))
  expect(await page.getByRole('region', { name: 'What was found' }).innerText()).toMatch(
    /Pascal VOC[^]*Images\s*6[^]*Labels\s*disc\s*New labels\s*square/,
  )
  expect(await page.getByLabel('Name of the dataset').inputValue()).toBe('shapes')
  expect(await lookedAt(page, 'import')).toEqual([])
  await startImport()
  await page.getByText('Done', { exact: true }).waitFor()
  expect(await lookedAt(page, 'import done')).toEqual([])
  await page.getByRole('link', { name: 'Open the version' }).click()
  await page.waitForURL(/\/versions\/[0-9a-f-]{36}/)
  version = new URL(page.url()).pathname
  await page.getByText('6 images', { exact: true }).waitFor()
  await expect.poll(() => cells().count()).toBe(6)
  await expect.poll(() => outlines('disc').count()).toBe(6)
  await page.getByRole('button', { name: 'Statistics' }).click()
  await page.getByText('Sizes of boxes').waitFor()
  expect(await lookedAt(page, 'version')).toEqual([])
})

test('labels are switched one by one and all together, and the address says which', async () => {
  await page.goto(version)
  await expect.poll(() => outlines('disc').count()).toBe(6)
  await page.getByRole('checkbox', { name: 'disc' }).uncheck()
  await expect.poll(() => outlines('disc').count()).toBe(0)
  expect(await outlines('square').count()).toBe(6)
  expect(new URL(page.url()).searchParams.getAll('hide')).toEqual(['disc'])
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect.poll(() => outlines('disc').count()).toBe(6)
  await page.getByRole('button', { name: 'Hide all' }).click()
  await expect.poll(() => page.locator('a.asset-cell g').count()).toBe(0)
})

test('a filter lives in the address and is counted at once', async () => {
  const three = await pictures(3, 5)
  const named = three.map(({ png, shapes }, index) => ({
    png,
    shapes: index === 0 ? shapes : shapes.slice(1),
  }))
  await choose('few.zip', vocArchive(named))
  await startImport()
  await page.getByRole('link', { name: 'Open the version' }).click()
  await page.getByText('3 images', { exact: true }).waitFor()
  const few = new URL(page.url()).pathname
  await page.goto(`${few}?all=disc`)
  await page.getByText('1 image fits the filter').waitFor()
  await page.goto(`${few}?no=disc`)
  await page.getByText('2 images fit the filter').waitFor()
  await page.getByRole('button', { name: 'Clear', exact: true }).last().click()
  await page.getByText('3 images', { exact: true }).waitFor()
  expect(new URL(page.url()).search).toBe('')

  await page.goto(`${version}/diff/${few.split('/').at(-1)}`)
  await page.getByRole('heading', { name: /^From shapes v1 to few v1$/ }).waitFor()
  await page.getByText('not there').first().waitFor()
  expect(await lookedAt(page, 'diff')).toEqual([])
})

test('an image is opened, walked on from by keys, and Escape goes back to its place in the grid', async () => {
  await page.goto(version)
  await cells().nth(1).click()
  await page.getByRole('heading', { name: 'Image 2 of 6' }).waitFor()
  await page.locator('.zoom-frame g[data-label="disc"]').waitFor()
  expect(await lookedAt(page, 'asset')).toEqual([])
  await page.getByRole('link', { name: 'Next image' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('heading', { name: 'Image 3 of 6' }).waitFor()
  await page.getByRole('link', { name: 'Previous image' }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('heading', { name: 'Image 2 of 6' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL(`**${version}?at=1`)
  await expect.poll(() => cells().nth(1).getAttribute('aria-current')).toBe('true')
})

test('a sample tells how large it will be before it is made, and then is that', async () => {
  await page.goto(version)
  await page.getByRole('button', { name: 'Operations' }).click()
  await page.getByRole('menuitem', { name: 'Sample' }).click()
  await page.getByRole('textbox', { name: 'Images' }).fill('4')
  await page.getByText('4 images, 8 annotations').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Sample' }).click()
  await page.getByRole('heading', { name: 'shapes sample version 1' }).waitFor()
  await page.getByText('4 images', { exact: true }).waitFor()
})

test('a dataset shows its versions, and an owner tags one', async () => {
  await page.goto(version)
  await page
    .getByRole('navigation', { name: 'Breadcrumbs' })
    .getByRole('link', { name: 'shapes', exact: true })
    .click()
  await page.getByRole('link', { name: 'Version 1' }).waitFor()
  await page.getByRole('button', { name: 'Actions of version 1' }).click()
  await page.getByRole('menuitem', { name: 'Tag' }).click()
  await page.getByLabel('Name').fill('gold/1')
  await page.getByLabel('Protected: only owners').check()
  await page.getByRole('button', { name: 'Tag', exact: true }).click()
  await page.getByRole('table').getByText('gold/1').waitFor()
  expect(await lookedAt(page, 'dataset')).toEqual([])
})

test('what an import leaves out is listed with the reason, and found by a word', async () => {
  const [good, bad] = await pictures(2, 9)
  const archive = zipOf({
    'images/good.png': good!.png,
    'annotations/good.xml': vocFile(good!.shapes),
    'images/bad.png': bad!.png,
    'annotations/bad.xml': vocFile([{ label: 'disc', corners: [9, 9, 5, 20] }]),
  })
  await choose('dirty.zip', archive)
  await page.getByLabel('Leave it out and report it').check()
  await startImport()
  const row = page.getByRole('row', { name: /annotations\/bad\.xml/ })
  await row.waitFor()
  expect(await row.innerText()).toMatch(/xmax[^]*is not greater than xmin/)
  await page.getByRole('textbox', { name: 'Search file, problem or remedy' }).fill('no such words')
  await expect.poll(() => row.count()).toBe(0)
  const [report] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ])
  expect(report.suggestedFilename()).toMatch(/report\.csv$/)
})

test('a folder is packed in the browser and imported', async () => {
  const [one, other] = await pictures(2, 11)
  const files = [
    { name: 'a.png', mimeType: 'image/png', buffer: one!.png },
    { name: 'b.png', mimeType: 'image/png', buffer: other!.png },
  ]
  await page.goto(`/projects/${projectId}/import`)
  await page.getByLabel('Choose files').last().setInputFiles(files)
  const found = page.getByRole('region', { name: 'What was found' })
  await found.waitFor()
  expect(await found.innerText()).toMatch(/Images only[^]*Images\s*2/)
})

/** Takes what the chosen source offers, under a name, and waits for its version of so many images. */
async function take(name: string, images: number): Promise<void> {
  await page.getByLabel('Name of the dataset').fill(name)
  await startImport()
  await page.getByRole('link', { name: 'Open the version' }).click()
  await page.getByRole('heading', { level: 1, name: `${name} version 1` }).waitFor()
  await page.getByText(`${images} images`, { exact: true }).waitFor()
}

const from = (source: string) =>
  page.getByRole('radiogroup', { name: 'Where from' }).getByText(source, { exact: true }).click()

test('an archive at an address is imported, and a folder of the server', async () => {
  const archive = vocArchive(await pictures(2, 21))
  const server = createServer((_, response) => response.end(archive))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on a port
  await page.goto(`/projects/${projectId}/import`)
  await from('Address')
  await page.getByLabel('Address of a zip').fill(`http://127.0.0.1:${port}/shapes.zip`)
  await page.getByRole('button', { name: 'Inspect' }).click()
  await take('from an address', 2)
  server.close()

  const folder = join(root, 'photos')
  mkdirSync(folder)
  for (const [index, { png }] of (await pictures(3, 22)).entries())
    writeFileSync(join(folder, `${index}.png`), png)
  await page.goto(`/projects/${projectId}/import`)
  await from('Server')
  await page.getByText(`In one of these folders: ${root}`).waitFor()
  await page.getByLabel('Folder or zip on the server').fill('/etc')
  await page.getByRole('button', { name: 'Inspect' }).click()
  await page.getByRole('alert').getByText('is not in a folder from which this platform imports').waitFor()
  await page.getByLabel('Folder or zip on the server').fill(folder)
  await page.getByRole('button', { name: 'Inspect' }).click()
  await take('from the server', 3)
}, 120_000)

test('a version of another project is imported, and a public dataset; who may only look is offered nothing', async () => {
  const other = await createProject(ada, 'Other', ['disc'])
  await page.goto(`/projects/${other}/import`)
  await from('Version')
  await page.getByRole('combobox', { name: 'Project' }).click()
  await page.getByRole('option', { name: 'Shapes', exact: true }).click()
  await page.getByRole('combobox', { name: 'Version' }).click()
  await page.getByRole('option', { name: 'shapes version 1 (6 images)' }).click()
  expect(await lookedAt(page, 'import a version')).toEqual([])
  await take('from a version', 6)

  const bob = await signUp(ada, 'bob@ymir.example')
  const theirs = await createProject(bob, 'Theirs')
  const archive = vocArchive(await pictures(2, 23))
  const { version: shared } = await importArchive(bob, archive, { projectId: theirs, name: 'for all' })
  const { datasetVersion } = await bob.ask<{ datasetVersion: { dataset: { id: string } } }>(
    `query ($id: ID!) { datasetVersion(id: $id) { dataset { id } } }`,
    { id: shared!.id },
  )
  await bob.ask(`mutation ($input: ShareDatasetInput!) { shareDataset(input: $input) { dataset { id } } }`, {
    input: { datasetId: datasetVersion.dataset.id, public: true },
  })
  await page.goto(`/projects/${other}/import`)
  await from('Public')
  await page.getByRole('combobox', { name: 'Public dataset' }).click()
  await page.getByRole('option', { name: 'for all (2 images)' }).click()
  await take('from all', 2)

  await ada.ask(`mutation ($input: SetMemberInput!) { setMember(input: $input) { membership { role } } }`, {
    input: { projectId: other, email: 'bob@ymir.example', role: 'VIEWER' },
  })
  const viewer = await aTab(browser, ymir.platform.gatewayUrl)
  const signIn = { email: 'bob@ymir.example', password: 'correct horse battery staple' }
  await viewer.page.request.post('/session', { data: { signIn } })
  await viewer.page.goto(`/projects/${other}/import`)
  await viewer.page.getByText('There is nothing here, or you may not see it.').waitFor()
  await viewer.page.context().close()
}, 120_000)

test('what both sides of a merge changed is listed, and settled one by one or all together', async () => {
  const versionId = version.split('/').at(-1)!
  const relabelled = async (to: string) => {
    const mutation = `mutation ($input: RelabelVersionInput!) { relabelVersion(input: $input) { version { id } } }`
    const { relabelVersion } = await ada.ask<{ relabelVersion: { version: { id: string } } }>(mutation, {
      input: { versionId, name: `${to}s`, rename: [{ from: ['disc'], to }] },
    })
    return relabelVersion.version.id
  }
  await ada.ask(
    `mutation { createLabels(input: { labels: [{ name: "ring" }, { name: "star" }] }) { labels { id } } }`,
  )
  const ours = await relabelled('ring')
  await relabelled('star')
  await page.goto(`/versions/${ours}`)
  await page.getByRole('button', { name: 'Operations' }).click()
  await page.getByRole('menuitem', { name: 'Merge with others' }).click()
  const dialog = page.getByRole('dialog', { name: 'Merge with others' })
  await dialog.getByRole('combobox', { name: 'Merge with' }).click()
  await page.getByRole('option', { name: 'stars version 1 (6 images)' }).click()
  await page.keyboard.press('Tab')
  await dialog.getByRole('radio', { name: /^Three-way/ }).check()
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
  await page.waitForURL(/\/merges\//)

  await page.getByText('6 conflicts are not settled').waitFor()
  const finish = page.getByRole('button', { name: 'Finish' })
  expect(await finish.isDisabled()).toBe(true)
  const whose = page.getByRole('radiogroup', { name: 'Whose counts' })
  expect(await whose.count()).toBe(6)
  expect(await lookedAt(page, 'merge')).toEqual([])
  await whose.first().getByText('Second', { exact: true }).click()
  await page.getByText('5 conflicts are not settled').waitFor()
  await page.getByRole('button', { name: 'First', exact: true }).click()
  await page.getByText('0 conflicts are not settled').waitFor()
  await whose.nth(3).getByText('Both', { exact: true }).click()
  await expect.poll(() => whose.nth(3).getByRole('radio', { name: 'Both' }).isChecked()).toBe(true)
  await finish.click()
  await page.waitForURL(/\/versions\//)
  const merged = new URL(page.url()).pathname.split('/').at(-1)
  const { datasetVersion } = await ada.ask<{ datasetVersion: { labels: object[] } }>(
    `query ($id: ID!) { datasetVersion(id: $id) { labels { label annotationCount } } }`,
    { id: merged },
  )
  expect(datasetVersion.labels).toEqual([
    { label: 'ring', annotationCount: 6 },
    { label: 'square', annotationCount: 6 },
    { label: 'star', annotationCount: 1 },
  ])
}, 120_000)

test('images are found by how sure a model was, and the address says which', async () => {
  const shown = await pictures(3, 31)
  const scored = (score: number, voc: string) =>
    voc.replaceAll('</bndbox>', `</bndbox><confidence>${score}</confidence>`)
  const files = shown.flatMap(({ png, shapes }, index): [string, Buffer | string][] => [
    [`images/${index}.png`, png],
    [`gt/${index}.xml`, vocFile(shapes)],
    [`pred/${index}.xml`, scored(0.2 + 0.3 * index, vocFile(shapes.slice(0, 1)))], // discs of 0.2, 0.5 and 0.8
  ])
  await choose('found.zip', zipOf(Object.fromEntries(files)))
  await take('found', 3)
  const filters = page.getByRole('region', { name: 'Filters' })
  await filters.getByLabel('What a model found').selectOption({ index: 1 })
  await filters.getByRole('slider', { name: 'Confidence, at least' }).focus()
  for (let step = 0; step < 40; step++) await page.keyboard.press('ArrowRight')
  await filters.getByText('Confidence 40.0% to 100.0%').waitFor()
  await filters.getByRole('button', { name: 'Apply' }).click()
  await page.getByText('2 images fit the filter').waitFor()
  const [set, range] = new URL(page.url()).searchParams.get('found')!.split(':')
  expect([set, range]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), '0.4-1'])
  expect(await lookedAt(page, 'version by score')).toEqual([])

  await page.goto(`${new URL(page.url()).pathname}?found=${set}:0.3-0.6`)
  await page.getByText('1 image fits the filter').waitFor()
  await filters.getByText('Confidence 30.0% to 60.0%').waitFor()
  await page.goto(`${new URL(page.url()).pathname}?found=${set}:0-1&foundLabel=square`)
  await page.getByText('No image fits the filter.').waitFor()
}, 120_000)

test('no page complained', () => {
  expect(tab.complaints).toEqual([])
})
