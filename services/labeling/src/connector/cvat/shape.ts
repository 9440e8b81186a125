import { z } from 'zod'

const id = z.int()
const page = <T>(of: z.ZodType<T>) => z.object({ next: z.string().nullable(), results: z.array(of) })

export const self = z.object({ id, username: z.string() })
export const project = z.object({ id, name: z.string() })
export const projects = page(project)

export const part = z.object({ id, name: z.string(), size: z.int().nullish() })
export const parts = page(part)
export type Part = z.infer<typeof part>

export const labels = page(z.object({ id, name: z.string() }))

export const job = z.object({
  id,
  task_id: id,
  type: z.string().default('annotation'),
  stage: z.string(),
  state: z.string(),
  start_frame: z.int(),
  stop_frame: z.int(),
})
export const jobs = page(job)
export type Job = z.infer<typeof job>

/** Of a task or a job; the frames of a job are counted in its task. */
export const meta = z.object({
  frames: z.array(z.object({ name: z.string() })).nullish(),
  deleted_frames: z.array(z.int()).nullish(),
})

/** Pixels; degrees, clockwise around the centre. */
export const drawn = z.object({
  type: z.string(),
  frame: z.int(),
  label_id: id,
  points: z.array(z.number()).nullish(),
  rotation: z.number().default(0),
  occluded: z.boolean().default(false),
})
export type Drawn = z.infer<typeof drawn>

export const annotations = z.object({
  shapes: z.array(drawn),
  tracks: z.array(z.unknown()),
  tags: z.array(z.unknown()),
})

export const request = z.object({ id: z.string(), status: z.string(), message: z.string().nullish() })
export const requests = page(request)

export const issue = z.object({ id, frame: z.int() })
export const issues = page(issue)
export const comments = page(z.object({ id, message: z.string() }))

export const webhook = z.object({ id, target_url: z.string() })
export const webhooks = page(webhook)
