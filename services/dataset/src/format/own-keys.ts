import { z } from 'zod'
import { type Place, refusal } from './place.ts'

const mostKeys = 100
const longestKey = 100
const longestValue = 1_000
/** XML has no way to say these. */
const unspeakable = /[^\P{Cc}\t\n]|\p{Cs}/u

/** An object of any keys as it is; `z.record` would leave out a key `__proto__`, which is a key like any other here. */
export const anyKeys = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is not an object',
)

/**
 * Keys of the user's own, their values as text without spaces at the ends: what every format can say.
 * @throws BadItem when there are too many, or a value is a list or an object
 */
export function ownKeys(values: Readonly<Record<string, unknown>>, place: Place): Record<string, string> {
  const all = Object.entries(values)
  if (all.length > mostKeys)
    throw refusal(place, `are more keys than the ${mostKeys} allowed`, { found: all.length })
  return Object.fromEntries(
    all.map(([key, value]) => {
      const here = { ...place, field: `${place.field}.${key.slice(0, longestKey)}` }
      if (!key.trim() || key.length > longestKey)
        throw refusal(here, `is no key of 1 to ${longestKey} characters`)
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw refusal(here, 'is not text, a number, true or false', { found: value })
      const text = String(value).trim()
      if (text.length > longestValue)
        throw refusal(here, `is longer than the ${longestValue} characters allowed`, { found: text })
      if (unspeakable.test(key + text)) throw refusal(here, 'has control characters', { found: text })
      return [key, text]
    }),
  )
}

/** Words that are said of an image. @throws BadItem when they are too many or too long */
export function tagsOf(tags: readonly string[], place: Place): string[] {
  if (tags.length > mostKeys)
    throw refusal(place, `are more tags than the ${mostKeys} allowed`, { found: tags.length })
  const wrong = tags.find((tag) => !tag.trim() || tag.length > longestKey || unspeakable.test(tag))
  if (wrong !== undefined)
    throw refusal(place, `is no tag of 1 to ${longestKey} plain characters`, { found: wrong })
  return [...new Set(tags.map((tag) => tag.trim()))].sort()
}
