/** A mask of a whole image as COCO writes it. */
export interface Mask {
  /** Height and width, pixels. */
  readonly size: readonly number[]
  readonly counts: string
}

/**
 * Lengths of the runs of background, object, background ... down the columns (COCO's compressed run lengths: five bits a
 * character above "0", lowest first, a sixth for "more follows"; from the fourth run on the difference to the one before
 * its neighbour).
 * @returns no runs where the text is none
 */
export function runsOf(counts: string): number[] {
  const runs: number[] = []
  let run = 0
  let shift = 0
  for (const character of counts) {
    const group = character.charCodeAt(0) - 48
    if (group < 0 || group > 63) return []
    run |= (group & 0x1f) << shift
    shift += 5
    if (group & 0x20) continue
    if (group & 0x10 && shift < 32) run |= -1 << shift
    runs.push(runs.length > 2 ? run + runs.at(-2)! : run)
    run = shift = 0
  }
  return runs
}

/**
 * An SVG path over a mask's object: one bar for each run within a column, so that nothing need be traced.
 * @param wide join bars of this many columns that are alike, to keep the path short
 */
export function pathOfMask({ size: [height = 1], counts }: Mask): string {
  const bars: string[] = []
  let start = 0
  runsOf(counts).forEach((run, index) => {
    if (index % 2 === 1) bars.push(...barsOf(start, start + run, height))
    start += run
  })
  return bars.join('')
}

function barsOf(start: number, end: number, height: number): string[] {
  const bars: string[] = []
  for (let at = start; at < end;) {
    const column = Math.floor(at / height)
    const below = Math.min(end, (column + 1) * height)
    bars.push(`M${column} ${at % height}h1v${below - at}h-1z`)
    at = below
  }
  return bars
}
