import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const screenshotFolder = join(import.meta.dirname, '..', 'web', 'screenshots')

/** A real Chromium; YMIR_TEST_CHROMIUM names it where it is not Debian's. */
export function aBrowser(): Promise<Browser> {
  const executablePath = process.env.YMIR_TEST_CHROMIUM ?? '/usr/bin/chromium'
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

export interface Tab {
  readonly page: Page
  /** What the page complained about: errors that nobody caught, and what the browser refused. */
  readonly complaints: readonly string[]
}

/** What the browser, React and the router say on the console of things that are wrong, by the kind of message. */
const worthTelling: ReadonlyMap<string, RegExp> = new Map([
  ['error', /Content Security Policy|Warning:/],
  ['warning', /HydrateFallback|React Router/],
])

/** A tab of somebody whom the dashboard does not know yet. */
export async function aTab(browser: Browser, url: string, language = 'en-GB'): Promise<Tab> {
  const context = await browser.newContext({
    baseURL: url,
    locale: language,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    reducedMotion: 'reduce', // a colour on its way to another is in no one's contrast
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (worthTelling.get(message.type())?.test(message.text()))
      complaints.push(`${page.url()}: ${message.text()}`)
  })
  return { page, complaints }
}

interface Finding {
  readonly id: string
  readonly impact?: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What axe finds on the page that keeps somebody from using it: the rule, and where. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // a colour that is still on its way to another stands in no contrast that anyone sees
  await page.waitForFunction(() =>
    document.getAnimations().every(({ effect, playState }) => {
      const isEndless = effect?.getComputedTiming().endTime === Infinity
      return isEndless || playState !== 'running'
    }),
  )
  await page.evaluate(axe.source)
  const found = await page.evaluate<readonly Finding[]>(
    'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>' +
      ' ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))',
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
}

/** Takes the page as it is now, light and dark, into test/web/screenshots. */
export async function takePictures(page: Page, name: string): Promise<void> {
  mkdirSync(screenshotFolder, { recursive: true })
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    await page.screenshot({ path: join(screenshotFolder, `${name} ${colorScheme}.png`), fullPage: true })
  }
}

/** Changes the language by the menu of the page. Returns when the page speaks it. */
export async function speak(page: Page, language: 'English' | '中文'): Promise<void> {
  await page.getByRole('button', { name: /^(Language|语言)$/ }).click()
  await page.getByRole('menuitem', { name: language }).click()
  await page.locator(`html[lang="${language === 'English' ? 'en' : 'zh-CN'}"]`).waitFor()
}

/**
 * Looks at the page as it is now in both languages, and takes its pictures.
 * @returns what axe finds in either, as `seriousFindings` does
 */
export async function lookedAt(page: Page, name: string): Promise<string[]> {
  const inEnglish = await seriousFindings(page)
  await takePictures(page, `${name} en`)
  await speak(page, '中文')
  await takePictures(page, `${name} zh`)
  const inChinese = await seriousFindings(page)
  await speak(page, 'English')
  return [...inEnglish, ...inChinese]
}
