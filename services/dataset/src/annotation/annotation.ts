import { createHash } from 'node:crypto'

/** Pixels of the original image, origin top left; x and y are the box's left and upper edge. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** One object that a person (or an import) says is in an image. */
export interface Annotation {
  /** The label's name as the workspace writes it. */
  readonly label: string
  readonly box: Box
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
}

/** The ground truth of an asset: its annotations in canonical order and the SHA-256 (hexadecimal) that names them. */
export interface AnnotationSet {
  readonly hash: string
  readonly annotations: readonly Annotation[]
}

/** Makes a set of annotations given in any order: the order of boxes in a file means nothing. */
export function annotationSetOf(annotations: readonly Annotation[]): AnnotationSet {
  const keyed = annotations.map((annotation) => ({ annotation, key: canonical(annotation) }))
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
  const hash = createHash('sha256')
    .update(`[${keyed.map(({ key }) => key).join(',')}]`)
    .digest('hex')
  return { hash, annotations: keyed.map(({ annotation }) => annotation) }
}

export const emptySet = annotationSetOf([])

/** JSON text that says all of an annotation in one way only. */
function canonical({ label, box, difficult, truncated, crowd, quality, rotation }: Annotation): string {
  const flags = [difficult, truncated, crowd].map(Number)
  return JSON.stringify([
    label,
    box.x,
    box.y,
    box.width,
    box.height,
    ...flags,
    quality ?? null,
    rotation ?? null,
  ])
}
