import type { Box, Mask } from './annotation.ts'

/**
 * Run lengths of a mask as text (COCO, pycocotools `rleToString`): each run, from the third on less the one before its
 * neighbour, in groups of five bits, lowest first, a sixth bit for "more follows", on top of character 48.
 * @param runs pixels of background, object, background, ... columns first
 */
export function countsOf(runs: readonly number[]): string {
  let text = ''
  runs.forEach((run, index) => {
    let rest = index > 2 ? run - runs[index - 2]! : run
    for (let more = true; more;) {
      const group = rest & 0x1f
      rest >>= 5
      more = group & 0x10 ? rest !== -1 : rest !== 0
      text += String.fromCharCode((more ? group | 0x20 : group) + 48)
    }
  })
  return text
}

/** The runs that such a text says (pycocotools `rleFrString`); undefined when it is none. */
export function runsOf(counts: string): number[] | undefined {
  const runs: number[] = []
  for (let at = 0; at < counts.length;) {
    let run = 0
    for (let shift = 0, more = true; more; shift += 5) {
      const group = counts.charCodeAt(at++) - 48
      if (!(group >= 0 && group < 64) || shift > 25) return undefined // also past the end
      run |= (group & 0x1f) << shift
      more = (group & 0x20) !== 0
      if (!more && group & 0x10) run |= -1 << (shift + 5)
    }
    if (runs.length > 2) run += runs.at(-2)!
    if (run < 0) return undefined
    runs.push(run)
  }
  return runs
}

/**
 * What encloses a mask's object (pycocotools `rleToBbox`); undefined when it has no pixel.
 * @param runs columns first, of an image `height` pixels high
 */
export function boxOfRuns(runs: readonly number[], height: number): Box | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  let start = 0
  runs.forEach((run, index) => {
    const end = start + run
    if (index % 2 === 1 && run > 0) {
      const [first, last] = [Math.floor(start / height), Math.floor((end - 1) / height)]
      left = Math.min(left, first)
      right = Math.max(right, last)
      top = Math.min(top, first === last ? start % height : 0)
      bottom = Math.max(bottom, first === last ? (end - 1) % height : height - 1)
    }
    start = end
  })
  if (right < 0) return undefined
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/** Pixels of a mask's object. */
export function areaOfMask({ counts }: Mask): number {
  const runs = runsOf(counts) ?? []
  return runs.reduce((sum, run, index) => (index % 2 === 1 ? sum + run : sum), 0)
}
