/** Something that the person at the terminal can set right; told without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
