import { z } from 'zod'
import type { Annotation, ImageFacts } from '../../annotation/annotation.ts'
import { BadItem } from '../../import/problem.ts'
import type { Element } from './xml.ts'

/** Our own export says in `<ymir>` elements, as JSON, what Pascal VOC has no words for. */
const word = z.string().min(1).max(100)
const ownKeys = z
  .record(word, z.string().max(1_000))
  .refine((keys) => Object.keys(keys).length <= 100, 'more than 100 keys')
const polygon = z
  .array(z.number())
  .min(6)
  .refine(({ length }) => length % 2 === 0, 'an x without y')
const mostNumbers = 200_000

const objectSchema = z.object({
  polygons: z
    .array(polygon)
    .min(1)
    .refine((all) => all.reduce((sum, { length }) => sum + length, 0) <= mostNumbers, 'too many points')
    .optional(),
  mask: z.object({ size: z.tuple([z.int(), z.int()]), counts: z.string().max(2_000_000) }).optional(),
  attributes: ownKeys.optional(),
})
const imageSchema = z.object({ tags: z.array(word).max(100).default([]), metadata: ownKeys.default({}) })

type OwnShape = Pick<Annotation, 'polygons' | 'mask' | 'attributes'>

/** @throws BadItem when the element's JSON is none, or reaches beyond the image */
export function readObjectExtension(
  element: Element | undefined,
  file: string,
  image: { width: number; height: number },
): OwnShape {
  if (!element) return {}
  const own = parse(element, 'object/ymir', objectSchema, file)
  const outside = own.polygons?.flat().find((value, index) => {
    const size = index % 2 === 0 ? image.width : image.height
    return value < -1 || value > size + 1 // files that count from 1 reach one pixel further
  })
  if (outside !== undefined)
    throw refusal(
      element,
      'object/ymir/polygons',
      file,
      `is outside the image (${image.width}x${image.height})`,
      outside,
    )
  if (own.mask && (own.mask.size[0] !== image.height || own.mask.size[1] !== image.width))
    throw refusal(
      element,
      'object/ymir/mask/size',
      file,
      `is not the image's height and width`,
      own.mask.size,
    )
  return own
}

export function readImageExtension(element: Element | undefined, file: string): ImageFacts {
  return element ? parse(element, 'annotation/ymir', imageSchema, file) : { tags: [], metadata: {} }
}

function parse<Schema extends z.ZodType>(
  element: Element,
  field: string,
  schema: Schema,
  file: string,
): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(element.text)
  } catch {
    throw refusal(element, field, file, 'is not JSON', element.text.slice(0, 100))
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  throw refusal(
    element,
    [field, ...(issue?.path ?? [])].join('/'),
    file,
    `cannot be taken: ${issue?.message}`,
  )
}

function refusal(element: Element, field: string, file: string, problem: string, found?: unknown): BadItem {
  return new BadItem({
    file,
    line: element.line,
    field,
    ...(found === undefined ? {} : { found: typeof found === 'string' ? found : JSON.stringify(found) }),
    problem,
    remedy: 'export it again, or leave the ymir element out',
  })
}
