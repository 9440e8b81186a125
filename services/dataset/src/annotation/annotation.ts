import { createHash } from 'node:crypto'

/** Pixels of the original image, origin top left; x and y are the box's left and upper edge. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const AnnotationSourceKind = {
  IMPORT: 'IMPORT',
  PERSON: 'PERSON',
  MODEL: 'MODEL',
  AUTOMATIC_LABELLER: 'AUTOMATIC_LABELLER',
} as const

/** Who said first that an annotation is there. */
export interface AnnotationSource {
  readonly kind: keyof typeof AnnotationSourceKind
  /** Of the import, the user, the model stage or the automatic labeller. */
  readonly id: string
}

/** A mask of a whole image as COCO writes it: `counts` is its compressed run-length text, columns first. */
export interface Mask {
  /** Height and width of the image, pixels. */
  readonly size: readonly [number, number]
  readonly counts: string
}

/** One object that a person (or an import) says is in an image. */
export interface Annotation {
  /** The label's name as the workspace writes it. */
  readonly label: string
  /** What encloses the object, also where a polygon or a mask says more. */
  readonly box: Box
  /** Outlines of the object's parts: x1, y1, x2, y2, ... in pixels, at least three points each. */
  readonly polygons?: readonly (readonly number[])[]
  readonly mask?: Mask
  /** Hard to recognise; evaluators may leave it out. */
  readonly difficult: boolean
  /** Reaches beyond the image or is partly hidden. */
  readonly truncated: boolean
  /** One box around many objects (COCO's iscrowd). */
  readonly crowd: boolean
  /** 0 to 1, how well the box fits, when the source says (`box_quality`). */
  readonly quality?: number
  /** Radians, when the source says (`rotate_angle`). */
  readonly rotation?: number
  /** Keys of the user's own. */
  readonly attributes?: Readonly<Record<string, string>>
  /** Not part of what an annotation says: equal annotations of two sources are one, and the first source stays. */
  readonly source?: AnnotationSource
}

/** What is said of an image as a whole. */
export interface ImageFacts {
  /** Words such as "blurred"; each once, in order. */
  readonly tags: readonly string[]
  /** Keys of the user's own, e.g. camera: "3". */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The ground truth of an asset: its annotations in canonical order, what is said of the image as a whole, and the SHA-256
 * (hexadecimal) that names both.
 */
export interface AnnotationSet extends ImageFacts {
  readonly hash: string
  readonly annotations: readonly Annotation[]
}

/** Makes a set of annotations given in any order: the order of boxes in a file means nothing. */
export function annotationSetOf(
  annotations: readonly Annotation[],
  { tags = [], metadata = {} }: Partial<ImageFacts> = {},
): AnnotationSet {
  const facts = { tags: [...new Set(tags)].sort(), metadata: sortedByKey(metadata) }
  const keyed = annotations.map((annotation) => ({ annotation, key: annotationKey(annotation) }))
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
  const hash = createHash('sha256')
    .update(`[${keyed.map(({ key }) => key).join(',')}]${canonicalFacts(facts)}`)
    .digest('hex')
  return { hash, annotations: keyed.map(({ annotation }) => annotation), ...facts }
}

export const emptySet = annotationSetOf([])

/** JSON text that says all of an annotation in one way only; annotations with equal texts are the same. */
export function annotationKey(annotation: Annotation): string {
  const { label, box, difficult, truncated, crowd, quality, rotation } = annotation
  const { polygons, mask, attributes } = annotation
  const flags = [difficult, truncated, crowd].map(Number)
  const plain = [label, box.x, box.y, box.width, box.height, ...flags, quality ?? null, rotation ?? null]
  if (!polygons && !mask && !attributes) return JSON.stringify(plain)
  const own = attributes ? Object.entries(sortedByKey(attributes)) : null
  return JSON.stringify([...plain, polygons ?? null, mask ? [...mask.size, mask.counts] : null, own])
}

function canonicalFacts({ tags, metadata }: ImageFacts): string {
  const own = Object.entries(metadata)
  return tags.length || own.length ? JSON.stringify([tags, own]) : ''
}

function sortedByKey(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)))
}
