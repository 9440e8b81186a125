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

const catalogues = { en: () => import('./en.ts'), zh: () => import('./zh.ts') }
const kept = 'ymir.language'

/** Loads the words of the language chosen before, or of the browser. */
export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: undefined,
    fallbackLng: false,
    defaultNS: 'app',
    resources: {},
    interpolation: { escapeValue: false },
  })
  await speak(preferred())
}

/** Changes the language of the page, and keeps the choice. */
export async function speak(language: Language): Promise<void> {
  const { default: words } = await catalogues[language]()
  // before the page shows it: whoever leaves at once finds it on the next
  localStorage.setItem(kept, language)
  for (const [namespace, texts] of Object.entries(words))
    i18next.addResourceBundle(language, namespace, texts, true, true)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}

function preferred(): Language {
  const chosen = localStorage.getItem(kept)
  if (chosen === 'en' || chosen === 'zh') return chosen
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}
