import { builtPages } from '@ymir/deploy'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBrowser, aTab, seriousFindings, speak, takePictures, type Tab } from '../testing/browser.ts'
import { ApiClient } from '../testing/client.ts'
import { createProject } from '../testing/loop.ts'
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

beforeAll(async () => {
  ymir = await anEmptyPlatform({ pages: await builtPages(() => {}) })
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
}, 60_000)

/** In English and Chinese, light and dark; what axe finds is returned. */
async function lookedAt(name: string): Promise<string[]> {
  const findings = await seriousFindings(page)
  await takePictures(page, `${name} en`)
  await speak(page, '中文')
  await takePictures(page, `${name} zh`)
  await speak(page, 'English')
  return findings
}

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
  expect(await lookedAt('import')).toEqual([])
  await startImport()
  await page.getByText('Done', { exact: true }).waitFor()
  expect(await lookedAt('import done')).toEqual([])
  await page.getByRole('link', { name: 'Look at the version' }).click()
  await page.waitForURL(/\/versions\/[0-9a-f-]{36}/)
  version = new URL(page.url()).pathname
  await page.getByText('6 images', { exact: true }).waitFor()
  await expect.poll(() => cells().count()).toBe(6)
  await expect.poll(() => outlines('disc').count()).toBe(6)
  await page.getByRole('button', { name: 'Statistics' }).click()
  await page.getByText('Sizes of boxes').waitFor()
  expect(await lookedAt('version')).toEqual([])
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
  await page.getByRole('link', { name: 'Look at the version' }).click()
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
  expect(await lookedAt('diff')).toEqual([])
})

test('an image is opened, walked on from by keys, and Escape goes back to its place in the grid', async () => {
  await page.goto(version)
  await cells().nth(1).click()
  await page.getByRole('heading', { name: 'Image 2 of 6' }).waitFor()
  await page.locator('.zoom-frame g[data-label="disc"]').waitFor()
  expect(await lookedAt('asset')).toEqual([])
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
  await page.getByRole('button', { name: 'Make …' }).click()
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
    .getByRole('navigation', { name: 'The way here' })
    .getByRole('link', { name: 'shapes', exact: true })
    .click()
  await page.getByRole('link', { name: 'Version 1' }).waitFor()
  await page.getByRole('button', { name: 'Actions of version 1' }).click()
  await page.getByRole('menuitem', { name: 'Tag' }).click()
  await page.getByLabel('Name').fill('gold/1')
  await page.getByLabel('Protected: only owners').check()
  await page.getByRole('button', { name: 'Tag', exact: true }).click()
  await page.getByRole('table').getByText('gold/1').waitFor()
  expect(await lookedAt('dataset')).toEqual([])
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

test('no page complained', () => {
  expect(tab.complaints).toEqual([])
})
