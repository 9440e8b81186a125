import { z } from 'zod'
import { anyKeys } from '../own-keys.ts'

/** Ids are whole numbers in COCO; tools that write texts mean the same. */
const id = z.union([z.int(), z.string().min(1).max(200)]).transform(String)

/** COCO writes 0 and 1; tools also true and false. */
const flag = z.union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)])

const polygons = z.array(z.array(z.number()))
const runLengths = z.object({
  size: z.array(z.int()),
  counts: z.union([z.string(), z.array(z.int())]),
})

export const cocoCategory = z.object({ id, name: z.string() })

export const cocoImage = z.object({
  id,
  file_name: z.string().min(1).max(2_000),
  // 0 where a tool did not know
  width: z.number().nullish(),
  height: z.number().nullish(),
  tags: z.array(z.string()).optional(),
  metadata: anyKeys.optional(),
})
export type CocoImage = z.infer<typeof cocoImage>

export const cocoAnnotation = z.object({
  category_id: id,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish(),
  // {} where there is only a box
  segmentation: z.union([runLengths, polygons, z.strictObject({}).transform(() => undefined)]).nullish(),
  iscrowd: flag.nullish(),
  /** A mask beside polygons. */
  mask: runLengths.optional(),
  score: z.number().min(0).max(1).nullish(),
  /** The published system's word for score; it writes it for ground truth too, where it means nothing. */
  confidence: z.number().nullish(),
  difficult: flag.optional(),
  truncated: flag.optional(),
  quality: z.number().optional(),
  rotation: z.number().optional(),
  attributes: anyKeys.optional(),
})
export type CocoAnnotation = z.infer<typeof cocoAnnotation>

/** Ids alone, to sort annotations by image before the images are known. */
export const cocoLink = z.object({ id: id.nullish(), image_id: id })
