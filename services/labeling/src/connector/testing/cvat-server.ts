import { createHmac } from 'node:crypto'
import {
  aToolServer,
  deliver,
  one,
  pageOf,
  requireThat,
  usualWebhooks,
  type Route,
  type Seen,
} from './tool-server.ts'

interface Part {
  readonly id: number
  readonly name: string
  readonly project_id: number
  readonly segment_size: number
  size: number
  isUploading: boolean
  readonly files: string[]
  /** When it has taken in what it was sent. */
  readyAt: number | null
  frames: { name: string; width: number; height: number }[]
  deleted: number[]
}
export interface Shape {
  readonly type: string
  readonly frame: number
  readonly label_id: number
  readonly points: readonly number[]
  readonly rotation?: number
  readonly occluded?: boolean
  readonly source?: string
  readonly score?: number
}
interface Job {
  readonly id: number
  readonly task_id: number
  readonly project_id: number
  readonly type: 'annotation'
  stage: string
  state: string
  readonly start_frame: number
  readonly stop_frame: number
}
interface Hook {
  readonly id: number
  target_url: string
  project_id: number
  secret: string
  is_active: boolean
  events: string[]
}

const states = ['new', 'in progress', 'completed', 'rejected']
const stages = ['annotation', 'validation', 'acceptance']

export type CvatServer = Awaited<ReturnType<typeof aCvat>>

/**
 * A simulated CVAT: the part of its API that a connector needs, as docs.cvat.ai, its OpenAPI schema (2.17) and the source of
 * its later 2.x servers describe it (read in November 2026). It is not the product.
 */
export async function aCvat({ token = 'cvat-personal-access-token', takesInMs = 100 } = {}) {
  let lastId = 0
  const projects: { id: number; name: string; labels: { id: number; name: string; project_id: number }[] }[] =
    []
  const [parts, jobs, hooks]: [Part[], Job[], Hook[]] = [[], [], []]
  const shapes = new Map<number, Shape[]>()
  const issues: { id: number; job: number; frame: number; messages: string[] }[] = []
  const webhooks = usualWebhooks()

  const partOf = (id: string) => one(parts.find((part) => part.id === Number(id)))
  const jobOf = (id: string) => one(jobs.find((job) => job.id === Number(id)))
  const listed = <T>(all: readonly T[], query: URLSearchParams) => ({
    status: 200,
    json: pageOf(all, query, 10),
  })
  const isOf = (query: URLSearchParams, name: string, value: number) =>
    !query.has(name) || Number(query.get(name)) === value
  const shown = ({ id, name, project_id, size }: Part) => ({ id, name, project_id, size })

  /** Cuts what was uploaded into jobs, when its time has come. */
  function takeIn(): void {
    for (const part of parts) {
      if (part.readyAt === null || part.size || Date.now() < part.readyAt) continue
      part.frames = [...part.files].sort().map((name) => ({ name, width: 100, height: 80 }))
      part.size = part.frames.length
      for (let start = 0; start < part.size; start += part.segment_size)
        jobs.push({
          ...{ id: ++lastId, task_id: part.id, project_id: part.project_id, type: 'annotation' },
          ...{ stage: 'annotation', state: 'new', start_frame: start },
          stop_frame: Math.min(start + part.segment_size, part.size) - 1,
        })
    }
  }

  const routes: Route[] = [
    ['GET', /^\/api\/users\/self$/, () => ({ status: 200, json: { id: 1, username: 'ymir' } })],
    [
      'GET',
      /^\/api\/projects$/,
      ({ query }) =>
        listed(
          projects.filter(({ name }) => !query.has('name') || name === query.get('name')),
          query,
        ),
    ],
    [
      'POST',
      /^\/api\/projects$/,
      ({ json }) => {
        requireThat(json.name && json.name.length <= 256, 'name: at most 256 characters')
        const id = ++lastId
        const labels = (json.labels as { name: string }[]).map(({ name }) => ({
          id: ++lastId,
          name,
          project_id: id,
        }))
        requireThat(
          new Set(labels.map(({ name }) => name)).size === labels.length,
          'label names must be unique',
        )
        projects.push({ id, name: json.name, labels })
        return { status: 201, json: { id, name: json.name, labels: { url: '', count: labels.length } } }
      },
    ],
    [
      'GET',
      /^\/api\/projects\/(\d+)$/,
      (_seen, id) => {
        const { labels: _, ...project } = one(projects.find((each) => each.id === Number(id)))
        return { status: 200, json: project }
      },
    ],
    [
      'GET',
      /^\/api\/labels$/,
      ({ query }) =>
        listed(
          projects.filter(({ id }) => isOf(query, 'project_id', id)).flatMap(({ labels }) => labels),
          query,
        ),
    ],
    [
      'GET',
      /^\/api\/tasks$/,
      ({ query }) => {
        takeIn()
        return listed(parts.filter((part) => isOf(query, 'project_id', part.project_id)).map(shown), query)
      },
    ],
    [
      'POST',
      /^\/api\/tasks$/,
      ({ json }) => {
        one(projects.find(({ id }) => id === json.project_id))
        requireThat(!json.labels, "Can't set labels to a task inside a project")
        const part: Part = {
          ...{ id: ++lastId, name: json.name, project_id: json.project_id, segment_size: json.segment_size },
          ...{ size: 0, isUploading: false, files: [], readyAt: null, frames: [], deleted: [] },
        }
        parts.push(part)
        return { status: 201, json: shown(part) }
      },
    ],
    [
      'GET',
      /^\/api\/tasks\/(\d+)$/,
      (_seen, id = '') => {
        takeIn()
        return { status: 200, json: shown(partOf(id)) }
      },
    ],
    [
      'DELETE',
      /^\/api\/tasks\/(\d+)$/,
      (_seen, id = '') => {
        const part = partOf(id)
        parts.splice(parts.indexOf(part), 1)
        for (const job of jobs.filter(({ task_id }) => task_id === part.id)) jobs.splice(jobs.indexOf(job), 1)
        return { status: 204 }
      },
    ],
    ['POST', /^\/api\/tasks\/(\d+)\/data\/$/, takeData],
    [
      'GET',
      /^\/api\/tasks\/(\d+)\/data\/meta$/,
      (_seen, id = '') => {
        takeIn()
        const { frames, deleted } = partOf(id)
        requireThat(frames.length, 'No media data found')
        return { status: 200, json: { frames, deleted_frames: deleted, size: frames.length } }
      },
    ],
    [
      'GET',
      /^\/api\/tasks\/(\d+)\/annotations\/$/,
      (_seen, id = '') => ({
        status: 200,
        json: { version: 0, tags: [], tracks: [], shapes: shapes.get(partOf(id).id) ?? [] },
      }),
    ],
    [
      'PUT',
      /^\/api\/tasks\/(\d+)\/annotations\/$/,
      ({ json }, id = '') => {
        const part = partOf(id)
        requireThat(part.size, 'Task has no data')
        for (const shape of json.shapes) checkShape(part, shape)
        shapes.set(part.id, json.shapes)
        return { status: 200, json }
      },
    ],
    [
      'GET',
      /^\/api\/requests$/,
      ({ query }) => {
        takeIn()
        const own = parts.filter(({ id, readyAt }) => readyAt !== null && isOf(query, 'task_id', id))
        const status = ({ size }: Part) => (size ? 'finished' : 'started')
        return listed(
          own.map((part) => ({ id: `rq-${part.id}`, status: status(part), message: '' })),
          query,
        )
      },
    ],
    [
      'GET',
      /^\/api\/jobs$/,
      ({ query }) =>
        listed(
          jobs.filter((job) => isOf(query, 'task_id', job.task_id)),
          query,
        ),
    ],
    [
      'PATCH',
      /^\/api\/jobs\/(\d+)$/,
      async ({ json }, id = '') => {
        requireThat(json.state === undefined || states.includes(json.state), 'state is not a valid choice')
        requireThat(json.stage === undefined || stages.includes(json.stage), 'stage is not a valid choice')
        return { status: 200, json: Object.assign(jobOf(id), json) }
      },
    ],
    [
      'GET',
      /^\/api\/jobs\/(\d+)\/annotations\/$/,
      (_seen, id = '') => {
        const { task_id, start_frame, stop_frame } = jobOf(id)
        const own = (shapes.get(task_id) ?? []).filter(
          ({ frame }) => frame >= start_frame && frame <= stop_frame,
        )
        return { status: 200, json: { version: 0, tags: [], tracks: [], shapes: own } }
      },
    ],
    [
      'GET',
      /^\/api\/jobs\/(\d+)\/data\/meta$/,
      (_seen, id = '') => {
        const job = jobOf(id)
        const { frames, deleted } = partOf(String(job.task_id))
        const own = deleted.filter((frame) => frame >= job.start_frame && frame <= job.stop_frame)
        return {
          status: 200,
          json: { frames: frames.slice(job.start_frame, job.stop_frame + 1), deleted_frames: own },
        }
      },
    ],
    [
      'GET',
      /^\/api\/issues$/,
      ({ query }) =>
        listed(
          issues.filter(({ job }) => isOf(query, 'job_id', job)),
          query,
        ),
    ],
    [
      'POST',
      /^\/api\/issues$/,
      ({ json }) => {
        jobOf(String(json.job))
        requireThat(Array.isArray(json.position) && json.position.length >= 4, 'position is required')
        const issue = { id: ++lastId, job: json.job, frame: json.frame, messages: [json.message] }
        issues.push(issue)
        return { status: 201, json: issue }
      },
    ],
    [
      'GET',
      /^\/api\/comments$/,
      ({ query }) => {
        const own = issues.filter(({ id }) => isOf(query, 'issue_id', id))
        return listed(
          own.flatMap(({ messages }) => messages.map((message, id) => ({ id, message }))),
          query,
        )
      },
    ],
    [
      'GET',
      /^\/api\/webhooks$/,
      ({ query }) => {
        const own = hooks.filter(({ project_id }) => isOf(query, 'project_id', project_id))
        return listed(
          own.map(({ secret: _, ...hook }) => hook),
          query,
        )
      },
    ],
    [
      'POST',
      /^\/api\/webhooks$/,
      ({ json }) => {
        requireThat(json.type === 'project' && json.content_type === 'application/json', 'type, content_type')
        requireThat(
          json.events?.every((event: string) => /^(create|update|delete):\w+$/.test(event)),
          'events',
        )
        const hook: Hook = { id: ++lastId, ...json }
        hooks.push(hook)
        return { status: 201, json: { id: hook.id, target_url: hook.target_url } }
      },
    ],
    [
      'PATCH',
      /^\/api\/webhooks\/(\d+)$/,
      ({ json }, id) => {
        const { secret: _, ...hook } = Object.assign(one(hooks.find((each) => each.id === Number(id))), json)
        return { status: 200, json: hook }
      },
    ],
    [
      'DELETE',
      /^\/api\/webhooks\/(\d+)$/,
      (_seen, id) => {
        hooks.splice(hooks.indexOf(one(hooks.find((each) => each.id === Number(id)))), 1)
        return { status: 204 }
      },
    ],
  ]

  async function takeData(seen: Seen, id = '') {
    const part = partOf(id)
    requireThat(!part.size && part.readyAt === null, 'Adding more data is not supported')
    if ('upload-start' in seen.headers) {
      part.isUploading = true
      return { status: 202 }
    }
    requireThat(part.isUploading, 'No upload was started')
    if ('upload-multiple' in seen.headers) {
      for (const [field, file] of await seen.form()) {
        if (!field.startsWith('client_files[')) continue
        requireThat(typeof file !== 'string' && file.size > 0, 'client_files: no file')
        part.files.push(file.name)
      }
      return { status: 200 }
    }
    requireThat('upload-finish' in seen.headers, 'unknown upload request')
    requireThat(typeof seen.json?.image_quality === 'number', 'image_quality is required')
    part.readyAt = Date.now() + takesInMs
    return { status: 202, json: { rq_id: `rq-${part.id}` } }
  }

  function checkShape(
    { project_id, size }: Part,
    { type, frame, label_id, points, rotation = 0 }: Shape,
  ): void {
    const labels = projects.find(({ id }) => id === project_id)?.labels ?? []
    requireThat(
      labels.some(({ id }) => id === label_id),
      `label_id ${label_id} is not of the project`,
    )
    requireThat(frame >= 0 && frame < size, `frame ${frame} is not in the task`)
    requireThat(type !== 'rectangle' || points.length === 4, 'a rectangle has two corners')
    requireThat(rotation >= 0 && rotation <= 360, 'rotation: 0 to 360')
  }

  const server = await aToolServer(({ headers }) => headers.authorization === `Bearer ${token}`, routes)

  /** Where an image is. */
  function placeOf(itemId: string) {
    const part = one(parts.find(({ frames }) => frames.some(({ name }) => name.includes(itemId))))
    const frame = part.frames.findIndex(({ name }) => name.includes(itemId))
    const job = one(
      jobs.find(
        ({ task_id, start_frame, stop_frame }) =>
          task_id === part.id && start_frame <= frame && frame <= stop_frame,
      ),
    )
    return { part, frame, job }
  }

  return {
    ...server,
    ...{ token, projects, parts, jobs, hooks, shapes, issues, webhooks, placeOf },

    /** Somebody draws, instead of what was there in this image. */
    draws: (
      itemId: string,
      drawn: readonly (Partial<Shape> & { readonly points: readonly number[]; label?: string })[],
    ) => {
      const { part, frame } = placeOf(itemId)
      const labels = projects.find(({ id }) => id === part.project_id)?.labels ?? []
      const others = (shapes.get(part.id) ?? []).filter((shape) => shape.frame !== frame)
      const own = drawn.map(({ label = 'brick', ...shape }) => ({
        ...{ type: 'rectangle', rotation: 0, occluded: false, attributes: [], frame },
        label_id: labels.find(({ name }) => name === label)?.id ?? 0,
        ...shape,
      }))
      shapes.set(part.id, [...others, ...own])
    },

    /** Somebody deletes the part that an image is in, or all of them with their project. */
    deletes: (itemId?: string) => {
      if (itemId) return void parts.splice(parts.indexOf(placeOf(itemId).part), 1)
      for (const list of [projects, parts, jobs, hooks]) list.length = 0
    },

    /** Somebody removes an image from its job. */
    removes: (itemId: string) => {
      const { part, frame } = placeOf(itemId)
      part.deleted.push(frame)
    },

    /** Somebody sets the state of an image's job. */
    sets: async (itemId: string, state: string) => {
      const { job } = placeOf(itemId)
      job.state = state
      const body = JSON.stringify({ event: 'update:job', job, before_update: { state: 'in progress' } })
      for (const { target_url, secret, project_id, is_active, events } of hooks) {
        if (project_id !== job.project_id || !is_active || !events.includes('update:job')) continue
        const signature = createHmac('sha256', secret).update(body).digest('hex')
        await deliver(webhooks, target_url, { 'x-signature-256': `sha256=${signature}` }, body)
      }
    },
  }
}
