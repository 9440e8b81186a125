import { z } from 'zod'
import { anyKeys } from '../own-keys.ts'

const text = z.string().min(1)
const labels = z.array(text).max(100).optional()

const value = z.object({
  x: z.number().optional(),
  y: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  /** Degrees, clockwise, around the upper left corner. */
  rotation: z.number().optional(),
  points: z.array(z.tuple([z.number(), z.number()])).optional(),
  rle: z.array(z.int().min(0).max(255)).optional(),
  rectanglelabels: labels,
  polygonlabels: labels,
  brushlabels: labels,
  labels,
  choices: labels,
})

/** What Label Studio keeps beside a region and has no word for itself. */
const meta = z.object({
  difficult: z.boolean().optional(),
  truncated: z.boolean().optional(),
  crowd: z.boolean().optional(),
  quality: z.number().optional(),
  attributes: anyKeys.optional(),
  /** Regions with the same word are outlines of one object. */
  partOf: z.string().max(100).optional(),
})

export const region = z.object({
  type: text,
  original_width: z.number().optional(),
  original_height: z.number().optional(),
  image_rotation: z.number().optional(),
  value: value.optional(),
  meta: meta.optional().catch(undefined),
  score: z.number().nullish(),
})
export type Region = z.infer<typeof region>

const answer = z.object({
  result: z.array(z.unknown()).max(100_000).optional(),
  was_cancelled: z.boolean().nullish(),
  ground_truth: z.boolean().nullish(),
  updated_at: z.string().nullish(),
  score: z.number().nullish(),
})
export type Answer = z.infer<typeof answer>

export const task = z.object({
  data: anyKeys,
  meta: anyKeys.nullish(),
  annotations: z.array(answer).optional(),
  // some exports have their numbers only
  predictions: z.array(z.union([answer, z.int()])).optional(),
})
export type Task = z.infer<typeof task>
