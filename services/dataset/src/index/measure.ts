import { createHash } from 'node:crypto'
import type { Annotation, ImageFacts } from '../annotation/annotation.ts'
import { binOf, boxAspectBins, boxSideBins } from '../page/statistics.ts'

/**
 * The name of a whole number that is known of every entry and never changes; 0 where it does not apply. Measures are what
 * statistics add up, filters compare and lists are ordered by.
 */
export type Measure = string

/** Pixels, but for `annotations`. Sides are square roots of areas, rounded down, at least 1. */
export const measures = {
  width: 'width',
  height: 'height',
  imageSide: 'image side',
  annotations: 'annotations',
  smallestBoxSide: 'smallest box side',
  largestBoxSide: 'largest box side',
} as const satisfies Record<string, Measure>

/** How many annotations of a label there are. */
export const labelMeasure = (label: string): Measure => labelPrefix + label
export const labelPrefix = 'label '
/** How many boxes lie in a bin of `boxSideBins`. */
export const boxSideMeasure = (bin: number): Measure => `box side bin ${bin}`
/** How many boxes lie in a bin of `boxAspectBins`. */
export const boxAspectMeasure = (bin: number): Measure => `box aspect bin ${bin}`
/** 1 for images that have the tag. */
export const tagMeasure = (tag: string): Measure => `tag ${short(tag)}`
/** 1 for images with the key in their metadata. */
export const keyMeasure = (key: string): Measure => `key ${short(key)}`
/** 1 for images whose metadata has this value under the key. */
export const valueMeasure = (key: string, value: string): Measure =>
  `value ${short(JSON.stringify([key, value]))}`

export interface Measured extends ImageFacts {
  readonly width: number
  readonly height: number
  readonly annotations: readonly Annotation[]
}

/** Every measure of an entry that is not 0. */
export function measuresOf({ width, height, annotations, tags, metadata }: Measured): Map<Measure, number> {
  const measured = new Map<Measure, number>([
    [measures.width, width],
    [measures.height, height],
    [measures.imageSide, sideOf(width * height)],
  ])
  const count = (measure: Measure) => measured.set(measure, (measured.get(measure) ?? 0) + 1)
  const boxSides: number[] = []
  for (const { label, box } of annotations) {
    const area = box.width * box.height
    boxSides.push(sideOf(area))
    count(measures.annotations)
    count(labelMeasure(label))
    count(boxSideMeasure(binOf(boxSideBins, Math.sqrt(area))))
    count(boxAspectMeasure(binOf(boxAspectBins, box.width / box.height)))
  }
  if (boxSides.length) {
    measured.set(measures.smallestBoxSide, boxSides.reduce(smaller))
    measured.set(measures.largestBoxSide, boxSides.reduce(larger))
  }
  for (const tag of tags) measured.set(tagMeasure(tag), 1)
  for (const [key, value] of Object.entries(metadata))
    measured.set(keyMeasure(key), 1).set(valueMeasure(key, value), 1)
  return measured
}

const smaller = (one: number, other: number) => Math.min(one, other)
const larger = (one: number, other: number) => Math.max(one, other)

function sideOf(area: number): number {
  return Math.max(1, Math.floor(Math.sqrt(area)))
}

const shortLength = 256

/** PostgreSQL's indexes take no long keys: a long name is known by its hash. */
function short(name: string): string {
  return name.length <= shortLength ? name : `#${createHash('sha256').update(name).digest('hex')}`
}
