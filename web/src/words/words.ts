import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type en from './en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app'
    resources: typeof en
    returnNull: false
  }
}

export const languages = { en: 'English', zh: '中文' } as const
export type Language = keyof typeof languages

/** The texts of a folder. */
export type Namespace = keyof typeof en

interface Texts {
  readonly [key: string]: string | Texts
}

/** The texts of each folder in each language: each is a file of its own that is fetched when a page asks for it. */
const files = import.meta.glob<Texts>('../*/*.{en,zh}.json', { import: 'default' })

const kept = 'ymir.language'

/** What the pages so far speak with: another language must have all of it. */
const asked = new Set<Namespace>()

let spoken = preferred()

// at once: the router fetches the texts of the first page before anything is shown
void i18next.use(initReactI18next).init({
  lng: undefined,
  fallbackLng: false,
  defaultNS: 'app',
  resources: {},
  interpolation: { escapeValue: false },
})

/** Speaks the language chosen before, or that of the browser; with the words of the frame. */
export async function startWords(): Promise<void> {
  await loadWords(['app'])
  await show(spoken)
}

/**
 * A page, or a part of one, that waits for its texts as it waits for its code; both are fetched together.
 * A test tells which texts a page lacks (pages.test.ts).
 */
export function withWords<Loaded>(
  namespaces: readonly Namespace[],
  load: () => Promise<Loaded>,
): () => Promise<Loaded> {
  return async () => {
    const [loaded] = await Promise.all([load(), loadWords(namespaces)])
    return loaded
  }
}

/** Changes the language of the page, and keeps the choice. */
export async function speak(language: Language): Promise<void> {
  // again: meanwhile another page may have been opened
  while (lacking(language, asked).length > 0) await fetchWords(language, asked)
  // before the page shows it: whoever leaves at once finds it on the next
  localStorage.setItem(kept, language)
  await show(language)
}

async function show(language: Language): Promise<void> {
  spoken = language
  await i18next.changeLanguage(language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}

async function loadWords(namespaces: readonly Namespace[]): Promise<void> {
  for (const namespace of namespaces) asked.add(namespace)
  // again: meanwhile another language may have been chosen
  while (lacking(spoken, namespaces).length > 0) await fetchWords(spoken, namespaces)
}

function lacking(language: Language, namespaces: Iterable<Namespace>): Namespace[] {
  return [...namespaces].filter((namespace) => !i18next.hasResourceBundle(language, namespace))
}

async function fetchWords(language: Language, namespaces: Iterable<Namespace>): Promise<void> {
  await Promise.all(
    lacking(language, namespaces).map(async (namespace) => {
      const read = files[`../${namespace}/${namespace}.${language}.json`]
      if (!read) throw new Error(`there is no file of the ${language} texts of ${namespace}`)
      i18next.addResourceBundle(language, namespace, await read(), true, true)
    }),
  )
}

function preferred(): Language {
  const chosen = localStorage.getItem(kept)
  if (chosen === 'en' || chosen === 'zh') return chosen
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}
