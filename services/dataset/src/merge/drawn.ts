import type { Annotation } from '../annotation/annotation.ts'
import { boxAround, boxOfMask, maskIn, polygonsIn, type Shape, type Size } from '../format/shape.ts'
import type { Place } from '../format/place.ts'
import { BadItem } from '../import/problem.ts'
import type { LabelBook } from '../label/label.ts'
import { BadAnnotation, checkAnnotations } from '../version/labelled.ts'

/** An annotation as somebody draws it to settle a conflict: at least one of box, polygons and mask. */
export interface Drawn extends Pick<Annotation, 'label' | 'difficult' | 'truncated' | 'crowd'> {
  readonly box?: Shape['box'] | null
  readonly polygons?: Shape['polygons'] | null
  readonly mask?: { readonly size: readonly number[]; readonly counts: string } | null
}

/** An asset, and the size of its image in pixels. */
export interface Canvas extends Size {
  readonly assetId: string
}

/**
 * Annotations that were drawn on an image, complete and with the labels' own names.
 * @throws BadAnnotation for a label that is none, or a shape that is none or not in the image
 */
export function drawnAnnotations(canvas: Canvas, drawn: readonly Drawn[], labels: LabelBook): Annotation[] {
  return drawn.map((one, index) => {
    const shape = shapeOf(canvas, one, `annotations[${index}]`)
    const { label, difficult, truncated, crowd } = one
    const plain = { label, difficult, truncated, crowd, box: shape.box }
    const [checked] = checkAnnotations(canvas.assetId, [plain], labels)
    return { ...shape, ...checked! } // as many as were given
  })
}

function shapeOf(canvas: Canvas, { box, polygons, mask }: Drawn, field: string): Shape {
  const { assetId: file } = canvas
  try {
    const outlines = polygons?.length
      ? polygonsIn(polygons, canvas, { file, field: `${field}.polygons` })
      : undefined
    const area = mask ? maskIn(mask, canvas, { file, field: `${field}.mask` }) : undefined
    const shape = { ...(outlines ? { polygons: outlines } : {}), ...(area ? { mask: area } : {}) }
    return { box: box ?? enclosing(canvas, shape, { file, field }), ...shape }
  } catch (error) {
    if (!(error instanceof BadItem)) throw error
    const { field: at, found, problem } = error.problem
    throw new BadAnnotation(file, [at, found, problem].filter(Boolean).join(' '))
  }
}

function enclosing(canvas: Canvas, { polygons, mask }: Omit<Shape, 'box'>, place: Place): Shape['box'] {
  if (polygons) return boxAround(polygons, canvas, { ...place, field: `${place.field}.polygons` })
  if (mask) return boxOfMask(mask, { ...place, field: `${place.field}.mask` })
  throw new BadAnnotation(canvas.assetId, `${place.field} has neither a box nor polygons nor a mask`)
}
