import { expect, test } from 'vitest'
import en from './en.ts'

type Catalogue = { readonly [key: string]: string | Catalogue }

const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.{test,generated}.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})
const chinese = Object.fromEntries(
  Object.entries(import.meta.glob<Catalogue>('../*/*.zh.json', { import: 'default', eager: true })).map(
    ([file, texts]) => [file.split('/')[1]!, texts],
  ),
)
const code = Object.values(sources).join('\n')

/** Keys with their texts; forms of one word for different counts are one key with several texts. */
function textsOf(catalogue: Catalogue, prefix = ''): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const [key, value] of Object.entries(catalogue)) {
    const found =
      typeof value === 'string' ? new Map([[prefix + key, [value]]]) : textsOf(value, `${prefix}${key}.`)
    for (const [name, ofName] of found) {
      const base = name.replace(/_(zero|one|two|few|many|other)$/, '')
      texts.set(base, [...(texts.get(base) ?? []), ...ofName])
    }
  }
  return texts
}

function variablesIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(/\{\{\s*[\w.]+/g) ?? []))]
    .map((variable) => variable.replace(/\{\{\s*/, ''))
    .sort()
}

/** Keys that code makes of a beginning or an end and something else, as patterns: `operation.${name}`. */
const made = [...code.matchAll(/`([\w.-]*)\$\{[^{}`]*\}([\w.-]*)`/g)]
  .filter(([, beginning = '', end = '']) => /[a-z]{3}/i.test(beginning + end))
  .map(([, beginning = '', end = '']) => new RegExp(`^${beginning}[\\w-]+${end}$`.replaceAll('.', '\\.')))

/** Whether code asks for a key: in full, by a template, or by the word that several keys stand under. */
function isUsed(key: string): boolean {
  const [under, ...rest] = key.split('.')
  if (isWritten(key) || made.some((pattern) => pattern.test(key))) return true
  return rest.length > 0 && isWritten(under!)
}

function isWritten(key: string): boolean {
  return ['"', "'", '`'].some((quote) => code.includes(quote + key + quote))
}

const namespaces = Object.keys(en) as (keyof typeof en)[] // an object of ours has no other keys

test('both languages have the same folders', () => {
  expect(Object.keys(chinese).sort()).toEqual([...namespaces].sort())
})

test.each(namespaces)('both languages say the same in %s', (namespace) => {
  const english = textsOf(en[namespace])
  const theirs = textsOf(chinese[namespace]!)
  expect([...theirs.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [key, texts] of theirs)
    // the count stands in every form of Chinese, and may be left out where English says "one"
    expect([key, variablesIn(texts)]).toEqual([key, variablesIn(english.get(key)!)])
})

test.each(namespaces)('no text of %s is empty, and every one is used', (namespace) => {
  const texts = textsOf(en[namespace])
  expect([...texts].filter(([, forms]) => forms.some((text) => text.trim() === ''))).toEqual([])
  expect([...texts.keys()].filter((key) => !isUsed(key))).toEqual([])
})

test('English has a text for one and one for more wherever it counts', () => {
  const lacking = namespaces.flatMap((namespace) => {
    const keys = new Set(flatKeys(en[namespace]))
    return [...keys]
      .filter((key) => key.endsWith('_other') && !keys.has(key.replace(/_other$/, '_one')))
      .map((key) => `${namespace}: ${key}`)
  })
  expect(lacking).toEqual([])
})

function flatKeys(catalogue: Catalogue, prefix = ''): string[] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : flatKeys(value, `${prefix}${key}.`),
  )
}
