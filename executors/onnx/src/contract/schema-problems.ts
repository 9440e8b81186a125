import type { z } from 'zod'

/** What does not fit a schema, in one line: `steps: must be a number; ...`. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.join('.') || 'the whole file'}: ${message}`)
    .join('; ')
}
