export interface Point {
  readonly x: number
  readonly y: number
}

/** The points of each tag, by step. */
export type Curves = ReadonlyMap<string, readonly Point[]>

export interface Logged {
  readonly tag: string
  readonly step: number
  readonly value: number
}

/** As many as a screen shows. */
export const mostPoints = 1_000

/** What was logged, behind what is there; a step told again is left out, and long curves are thinned out. */
export function withLogged(curves: Curves, logged: readonly Logged[]): Curves {
  const after = new Map<string, Point[]>()
  for (const { tag, step, value } of logged) {
    const points = after.get(tag) ?? [...(curves.get(tag) ?? [])]
    after.set(tag, points)
    if (step > (points.at(-1)?.x ?? -Infinity) && Number.isFinite(value)) points.push({ x: step, y: value })
  }
  const all = new Map(curves)
  // twice as many are let in, so that thinning is done once in a thousand points and not at each
  for (const [tag, points] of after)
    all.set(tag, points.length > 2 * mostPoints ? thinned(points, mostPoints) : points)
  return all
}

/**
 * A curve of at most `most` points that looks the same: the lowest and highest of each stretch, and the ends.
 * @param most an even number above 2
 */
export function thinned(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points]
  const stretches = most / 2 - 1
  const inner = points.slice(1, -1)
  const kept: Point[] = [points[0]!]
  for (let index = 0; index < stretches; index++) {
    const from = Math.floor((index * inner.length) / stretches)
    const stretch = inner.slice(from, Math.floor(((index + 1) * inner.length) / stretches))
    const low = stretch.reduce((least, point) => (point.y < least.y ? point : least))
    const high = stretch.reduce((most, point) => (point.y >= most.y ? point : most))
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]))
  }
  return [...kept, points.at(-1)!]
}

/**
 * Exponential moving average without the pull of its start (Kingma and Ba 2015, section 3; TensorBoard does the same).
 * @param weight 0: as it is; below 1
 */
export function smoothed(points: readonly Point[], weight: number): readonly Point[] {
  if (weight === 0) return points
  let average = 0
  return points.map(({ x, y }, index) => {
    average = average * weight + (1 - weight) * y
    return { x, y: average / (1 - weight ** (index + 1)) }
  })
}

/** Curves that belong into one figure: of one name behind the last slash, e.g. train/loss and val/loss. */
export function figuresOf(curves: Curves): { name: string; tags: string[] }[] {
  const figures = new Map<string, string[]>()
  for (const tag of [...curves.keys()].sort()) {
    const name = tag.slice(tag.lastIndexOf('/') + 1)
    figures.set(name, [...(figures.get(name) ?? []), tag])
  }
  // what one looks at first
  const rank = (name: string) =>
    /^loss$/i.test(name) ? 0 : /map/i.test(name) ? 1 : /loss/i.test(name) ? 2 : 3
  return [...figures]
    .map(([name, tags]) => ({ name, tags }))
    .sort((one, other) => rank(one.name) - rank(other.name) || one.name.localeCompare(other.name))
}
