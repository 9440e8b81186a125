/** Pauses after the first, second ... failure, in seconds, as Standard Webhooks 1.0 advises: about three days in all. */
export const pausesSeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const

/**
 * When to try again what has failed.
 * @param attempts so far, 1 at least
 * @param chance 0 to 1: moves the time by up to a fifth, so that what failed together does not come again together
 * @returns undefined: not again
 */
export function nextAttempt(attempts: number, now: Date, chance = Math.random()): Date | undefined {
  const pause = pausesSeconds[attempts - 1]
  if (pause === undefined) return undefined
  return new Date(now.getTime() + pause * 1_000 * (0.8 + 0.4 * chance))
}
