import type { z } from 'zod'
import { type Place, refusal } from './place.ts'

/**
 * A value in the form that a schema says.
 * @throws BadItem for the first thing that is not so, with its path as field
 */
export function shaped<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const field = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    place.field ?? '$',
  )
  const found = path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  ) // zod found the path
  if (found === undefined) throw refusal({ ...place, field }, 'is missing')
  throw refusal({ ...place, field }, `cannot be taken: ${message}`, { found })
}
