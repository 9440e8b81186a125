import type { LabellingItemRow } from '../../item/labelling-item.entity.ts'
import type {
  ConnectedTask,
  ImageFile,
  RemoteAnswer,
  RemoteImage,
  SeenItem,
  SentBack,
  Sight,
  Tool,
} from '../tool.ts'
import { unlessGone, type ToolHttp } from '../tool-http.ts'
import { CvatHttp } from './cvat-http.ts'
import { Parts } from './parts.ts'
import * as shape from './shape.ts'
import { readShape } from './shapes.ts'

const longestName = 200
const ownHooks = '/vendor/connectors/'

/**
 * CVAT, by its REST API (docs.cvat.ai/docs/api_sdk): a project for each labelling task, in it tasks of up to 500 images,
 * in them jobs of 20. A job that is completed answers all its images.
 */
export class Cvat implements Tool {
  private readonly http: CvatHttp
  private readonly parts: Parts

  constructor(private readonly api: ToolHttp) {
    this.http = new CvatHttp(api)
    this.parts = new Parts(this.http)
  }

  async check(): Promise<void> {
    await this.api.get('/api/users/self', shape.self)
  }

  async has(projectId: string): Promise<boolean> {
    return Boolean(await unlessGone(this.api.get(`/api/projects/${projectId}`, shape.project)))
  }

  async open({ id, name, classes }: ConnectedTask): Promise<string> {
    const wanted = `${name.slice(0, longestName)} (YMIR ${id})`
    const known = await this.http.all('/api/projects', shape.projects, { name: wanted })
    const own = known.find((one) => one.name === wanted)
    if (own) return String(own.id)
    const labels = classes.map((one) => ({ name: one, type: 'rectangle', attributes: [] }))
    const made = await this.api.read('POST', '/api/projects', shape.project, {
      json: { name: wanted, labels },
    })
    return String(made.id)
  }

  found(
    projectId: string,
    _task: ConnectedTask,
    wanted: readonly LabellingItemRow[],
  ): Promise<RemoteImage[]> {
    return this.parts.found(projectId, wanted)
  }

  send(projectId: string, task: ConnectedTask, batches: AsyncIterable<readonly ImageFile[]>): Promise<void> {
    return this.parts.send(projectId, task, batches)
  }

  async hook(projectId: string, url: string, secret: string): Promise<void> {
    const own = (await this.hooks(projectId)).find((one) => one.target_url === url)
    const json = {
      ...{
        target_url: url,
        type: 'project',
        project_id: Number(projectId),
        content_type: 'application/json',
      },
      ...{ secret, is_active: true, enable_ssl: true, events: ['update:job'] },
    }
    if (own) await this.api.send('PATCH', `/api/webhooks/${own.id}`, { json })
    else await this.api.send('POST', '/api/webhooks', { json })
  }

  async *look(projectId: string, { items }: ConnectedTask): AsyncGenerator<Sight> {
    const labels = new Map([...(await this.http.labels(projectId))].map(([name, id]) => [id, name]))
    for (const part of await this.parts.all(projectId)) {
      if (!part.size) continue
      const frames = (await this.parts.frames(part)).map((itemId) => items.get(itemId ?? ''))
      yield { there: frames.flatMap((item) => item?.id ?? []), answers: [] }
      for (const job of await this.jobs(part.id))
        if (job.state === 'completed') yield { there: [], answers: await this.answersOf(job, frames, labels) }
    }
  }

  /** Each image gets an issue with the comment, and its job is rejected, as a reviewer in CVAT would do it. */
  async reopen(_projectId: string, { items }: ConnectedTask, sentBack: readonly SentBack[]): Promise<void> {
    const byPart = grouped(sentBack, ({ remoteId }) => remoteId.split(':')[0] ?? '')
    for (const [partId, images] of byPart) {
      const jobs = await this.jobs(Number(partId))
      const rejected = new Set<number>()
      for (const image of images) {
        const frame = Number(image.remoteId.split(':')[1])
        const job = jobs.find(({ start_frame, stop_frame }) => start_frame <= frame && frame <= stop_frame)
        const item = items.get(image.itemId)
        if (!job || !item) continue
        await this.raiseIssue(job.id, frame, item, `sent back (${image.revision + 1}): ${image.comment}`)
        rejected.add(job.id)
      }
      for (const id of rejected) await this.reject(id)
    }
  }

  async close(projectId: string): Promise<void> {
    for (const part of await this.parts.all(projectId)) {
      const jobs = await this.jobs(part.id)
      if (jobs.every(({ state }) => state !== 'completed')) await this.api.remove(`/api/tasks/${part.id}`)
      else for (const { id, state } of jobs) if (state !== 'completed') await this.reject(id)
    }
    for (const { id, target_url } of await this.hooks(projectId))
      if (target_url.includes(ownHooks)) await this.api.remove(`/api/webhooks/${id}`)
  }

  private hooks(projectId: string) {
    return this.http.all('/api/webhooks', shape.webhooks, { project_id: projectId })
  }

  /** Without those that CVAT itself makes to measure quality. */
  private async jobs(partId: number): Promise<shape.Job[]> {
    const jobs = await this.http.all('/api/jobs', shape.jobs, { task_id: partId })
    return jobs.filter(({ type }) => type === 'annotation')
  }

  private async answersOf(
    { id, start_frame, stop_frame }: shape.Job,
    frames: readonly (SeenItem | undefined)[],
    labels: ReadonlyMap<number, string>,
  ): Promise<RemoteAnswer[]> {
    const drawn = await this.api.get(`/api/jobs/${id}/annotations/`, shape.annotations)
    const { deleted_frames } = await this.api.get(`/api/jobs/${id}/data/meta`, shape.meta)
    const byFrame = grouped(drawn.shapes, ({ frame }) => frame)
    return frames.slice(start_frame, stop_frame + 1).flatMap((item, index): RemoteAnswer[] => {
      if (!item) return []
      const frame = start_frame + index
      const base = { itemId: item.id, annotations: null, skipReason: null, seconds: null, problem: null }
      if (deleted_frames?.includes(frame)) return [{ ...base, skipReason: 'removed from the job in CVAT' }]
      if (drawn.tracks.length)
        return [{ ...base, problem: `job ${id} has tracks: only rectangles of single images can be taken` }]
      return [{ ...base, ...read(byFrame.get(frame) ?? [], labels) }]
    })
  }

  private async raiseIssue(job: number, frame: number, item: SeenItem, message: string): Promise<void> {
    const issues = await this.http.all('/api/issues', shape.issues, { job_id: job })
    for (const issue of issues.filter((one) => one.frame === frame)) {
      const comments = await this.http.all('/api/comments', shape.comments, { issue_id: issue.id })
      if (comments.some((one) => one.message === message)) return
    }
    const position = [0, 0, item.width, item.height]
    await this.api.send('POST', '/api/issues', { json: { job, frame, position, message } })
  }

  private reject(jobId: number): Promise<string> {
    return this.api.send('PATCH', `/api/jobs/${jobId}`, { json: { stage: 'annotation', state: 'rejected' } })
  }
}

function read(
  shapes: readonly shape.Drawn[],
  labels: ReadonlyMap<number, string>,
): Pick<RemoteAnswer, 'annotations' | 'problem'> {
  try {
    return { annotations: shapes.map((one) => readShape(one, labels)), problem: null }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { annotations: null, problem: error.message }
  }
}

function grouped<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
