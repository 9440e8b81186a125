/** What one did on a day, by kind. */
export interface DayOfWork {
  /** A day in UTC, e.g. 2026-11-24. */
  readonly date: string
  readonly count: number
  readonly byKind: Readonly<Record<Kind, number>>
}

export const kinds = ['versions', 'models', 'miningTasks', 'answers'] as const
export type Kind = (typeof kinds)[number]

type Counts = readonly { readonly date: string; readonly count: number }[]

const dayMs = 86_400_000

/** How many days a wall of a year has: whole weeks, the newest not full. */
export const daysOfYear = 53 * 7

/**
 * Every day of a wall whose columns are weeks from Sunday on, the last of which has today.
 * @param counts by kind, days without anything left out
 */
export function wallOf(counts: Readonly<Record<Kind, Counts>>, today: Date): DayOfWork[] {
  const byKind = kinds.map(
    (kind) => [kind, new Map(counts[kind].map(({ date, count }) => [date, count]))] as const,
  )
  const last = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate())
  const first = last - (daysOfYear - 7 + today.getUTCDay()) * dayMs
  const length = (last - first) / dayMs + 1
  return Array.from({ length }, (_, index) => {
    const date = new Date(first + index * dayMs).toISOString().slice(0, 10)
    const ofDay = byKind.map(([kind, counts]) => [kind, counts.get(date) ?? 0] as const)
    return {
      date,
      count: ofDay.reduce((sum, [, count]) => sum + count, 0),
      byKind: Object.fromEntries(ofDay) as Record<Kind, number>, // one entry for each of `kinds`
    }
  })
}

/** 0 for nothing, otherwise 1 to 4: the quarter of the busiest days into which a count falls. */
export function levelOf(count: number, counts: readonly number[]): 0 | 1 | 2 | 3 | 4 {
  if (count === 0) return 0
  const busy = counts.filter((one) => one > 0).sort((a, b) => a - b)
  const below = busy.filter((one) => one < count).length / busy.length
  if (below < 0.25) return 1
  if (below < 0.5) return 2
  return below < 0.75 ? 3 : 4
}
