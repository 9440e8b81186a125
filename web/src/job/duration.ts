const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const

/** A duration in the page's language by its two largest units, e.g. `1 hr 20 min`; whole seconds. */
export function durationIn(language: string, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = units.findIndex((unit) => whole >= unit.seconds)
  if (first === -1) return inUnit(language, 0, 'second')
  const { unit, seconds: size } = units[first]!
  const count = Math.floor(whole / size)
  const next = units[first + 1]
  const rest = next ? Math.floor((whole % size) / next.seconds) : 0
  const parts = [inUnit(language, count, unit)]
  if (next && rest > 0) parts.push(inUnit(language, rest, next.unit))
  return parts.join(' ')
}

function inUnit(language: string, count: number, unit: (typeof units)[number]['unit']): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count)
}

const leastProgress = 0.02
const leastSeconds = 2

/**
 * How long a job will run on if it goes on as so far.
 * @param startedAt RFC 3339
 * @param progress 0 to 1
 * @param nowMs Unix milliseconds
 * @returns seconds, or undefined while too little is done to tell
 */
export function remainingSeconds(
  startedAt: string | null,
  progress: number,
  nowMs: number,
): number | undefined {
  if (!startedAt || progress < leastProgress || progress >= 1) return undefined
  const elapsed = (nowMs - Date.parse(startedAt)) / 1000
  if (elapsed < leastSeconds) return undefined
  return (elapsed * (1 - progress)) / progress
}

/** Seconds between two instants (RFC 3339). */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000
}
