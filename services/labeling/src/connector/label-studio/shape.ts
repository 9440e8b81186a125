import { z } from 'zod'

const id = z.int()

export const project = z.object({ id, description: z.string().nullish() })
export const projects = z.object({ next: z.string().nullable(), results: z.array(project) })

export const region = z.object({
  type: z.string(),
  original_width: z.number().nullish(),
  original_height: z.number().nullish(),
  image_rotation: z.number().nullish(),
  value: z.record(z.string(), z.unknown()).nullish(),
  meta: z.record(z.string(), z.unknown()).nullish().catch(undefined),
})
export type Region = z.infer<typeof region>

/** Percent of the image; degrees, clockwise around the upper left corner. */
export const rectangle = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  rotation: z.number().default(0),
  rectanglelabels: z.array(z.string()).min(1),
})

export const annotation = z.object({
  id,
  result: z.array(z.unknown()).nullish(),
  was_cancelled: z.boolean().nullish(),
  ground_truth: z.boolean().nullish(),
  updated_at: z.string().nullish(),
  /** Seconds, of all that somebody did at this annotation. */
  lead_time: z.number().nullish().catch(undefined),
})
export type RemoteAnnotation = z.infer<typeof annotation>

export const task = z.object({
  id,
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(annotation).default([]),
  predictions: z.array(z.union([z.object({ model_version: z.string().nullish() }), id])).default([]),
})
export type RemoteTask = z.infer<typeof task>

export const tasks = z.object({ total: z.int(), tasks: z.array(task) })

/** Of POST import: made at once, or (`import`) in the background. */
export const imported = z.object({
  import: z.int().optional(),
  file_upload_ids: z.array(id).nullish(),
})
export const progress = z.object({ status: z.string(), error: z.string().nullish() })
export const uploads = z.array(z.object({ id, file: z.string() }))
export const webhook = z.object({ id, url: z.string() })
export const webhooks = z.array(webhook)
export const refreshed = z.object({ access: z.string() })
