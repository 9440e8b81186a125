import { setTimeout as delay } from 'node:timers/promises'
import { FormData } from 'undici'
import type { LabellingItemRow } from '../../item/labelling-item.entity.ts'
import { itemOfFile } from '../image-file.ts'
import { mostSeconds } from '../../vendor/results.ts'
import { startOf } from '../start.ts'
import {
  ToolProblem,
  type ConnectedTask,
  type ImageFile,
  type RemoteAnswer,
  type RemoteImage,
  type SeenItem,
  type SentBack,
  type Sight,
  type Tool,
} from '../tool.ts'
import { unlessGone, type ToolHttp } from '../tool-http.ts'
import { chosen, labelConfig, readRegion, regionOf } from './boxes.ts'
import * as shape from './shape.ts'

const pageSize = 50
const longestTitle = 50
const longestNote = 250
const importPatienceMs = 60_000
const secretHeader = 'X-Ymir-Secret'
const ownHooks = '/vendor/connectors/'

/**
 * Label Studio, by its REST API (labelstud.io/guide/api, api.labelstud.io): a project for each labelling task, a task for
 * each image. Images are uploaded as files, because Label Studio may not reach us, and data URIs would stand in its database
 * and come back with each list.
 */
export class LabelStudio implements Tool {
  constructor(private readonly http: ToolHttp) {}

  async check(): Promise<void> {
    await this.http.get('/api/projects/', shape.projects, { page_size: 1 })
  }

  async has(projectId: string): Promise<boolean> {
    return Boolean(await unlessGone(this.http.get(`/api/projects/${projectId}/`, shape.project)))
  }

  async open(task: ConnectedTask): Promise<string> {
    const mark = `YMIR labelling task ${task.id}`
    for (let page = 1; ; page++) {
      const { next, results } = await this.http.get('/api/projects/', shape.projects, {
        page,
        page_size: 100,
      })
      const known = results.find(({ description }) => description?.includes(mark))
      if (known) return String(known.id)
      if (!next) break
    }
    const { id } = await this.http.read('POST', '/api/projects/', shape.project, {
      json: {
        title: task.name.padEnd(3, '.').slice(0, longestTitle),
        description: mark,
        label_config: labelConfig(task.classes),
        ...{ show_skip_button: true, enable_empty_annotation: true, show_collab_predictions: true },
        maximum_annotations: 1,
      },
    })
    return String(id)
  }

  async found(
    projectId: string,
    _task: ConnectedTask,
    wanted: readonly LabellingItemRow[],
  ): Promise<RemoteImage[]> {
    const ids = new Set(wanted.map(({ id }) => id))
    const there = new Map<string, shape.RemoteTask>()
    for await (const tasks of this.pages(projectId))
      for (const one of tasks) {
        const itemId = itemOf(one)
        if (!itemId || !ids.has(itemId)) continue
        const known = there.get(itemId)
        if (!known) there.set(itemId, one)
        // made twice, when an import went on after its answer was lost: one that nobody has answered goes
        else if (!one.annotations.length) await this.http.remove(`/api/tasks/${one.id}/`)
      }
    return [...there].map(([itemId, { id }]) => ({ itemId, remoteId: String(id) }))
  }

  async send(
    projectId: string,
    _task: ConnectedTask,
    batches: AsyncIterable<readonly ImageFile[]>,
  ): Promise<void> {
    for await (const files of batches) {
      const paths = await this.upload(projectId, files)
      const json = files.map(({ item }) => newTask(item, paths.get(item.id)))
      await this.settled(projectId, `/api/projects/${projectId}/import`, { json })
    }
  }

  async hook(projectId: string, url: string, secret: string): Promise<void> {
    const known = await this.http.get('/api/webhooks/', shape.webhooks, { project: projectId })
    const json = {
      ...{ project: Number(projectId), url, headers: { [secretHeader]: secret }, is_active: true },
      ...{ send_payload: false, send_for_all_actions: false },
      actions: ['ANNOTATION_CREATED', 'ANNOTATION_UPDATED', 'ANNOTATIONS_DELETED'],
    }
    const own = known.find((one) => one.url === url)
    if (own) await this.http.send('PATCH', `/api/webhooks/${own.id}/`, { json })
    else await this.http.send('POST', '/api/webhooks/', { json })
  }

  async *look(projectId: string, { items }: ConnectedTask): AsyncGenerator<Sight> {
    for await (const tasks of this.pages(projectId)) {
      const own = tasks.flatMap((one) => {
        const item = items.get(itemOf(one) ?? '')
        return item ? [{ one, item }] : []
      })
      const answered = own.filter(({ one }) => one.annotations.length)
      yield {
        there: own.map(({ item }) => item.id),
        answers: answered.map(({ one, item }) => answerOf(one, item)),
      }
    }
  }

  /** The answer becomes the prediction to start from, named after the comment, and the task is to be done again. */
  async reopen(_projectId: string, _task: ConnectedTask, sentBack: readonly SentBack[]): Promise<void> {
    for (const { remoteId, comment, revision } of sentBack) {
      const found = await unlessGone(this.http.get(`/api/tasks/${remoteId}/`, shape.task))
      const answer = found && chosen(found.annotations)
      if (!answer) continue
      const { annotations, predictions } = found
      const note = `sent back (${revision + 1}): ${comment}`.slice(0, longestNote)
      const isNoted = predictions.some((one) => typeof one === 'object' && one.model_version === note)
      if (!isNoted)
        await this.http.send('POST', '/api/predictions/', {
          json: { task: Number(remoteId), result: answer.result ?? [], model_version: note },
        })
      for (const { id } of annotations) await this.http.remove(`/api/annotations/${id}/`)
    }
  }

  async close(projectId: string): Promise<void> {
    const unanswered: number[] = []
    for await (const tasks of this.pages(projectId))
      unanswered.push(...tasks.filter((one) => !one.annotations.length).map(({ id }) => id))
    for (const id of unanswered) await this.http.remove(`/api/tasks/${id}/`)
    const hooks = await this.http.get('/api/webhooks/', shape.webhooks, { project: projectId })
    for (const { id, url } of hooks)
      if (url.includes(ownHooks)) await this.http.remove(`/api/webhooks/${id}/`)
  }

  /** All tasks of a project with their annotations. */
  private async *pages(project: string): AsyncGenerator<shape.RemoteTask[]> {
    const query = { project, page_size: pageSize, fields: 'all', resolve_uri: false }
    for (let page = 1, seen = 0; ; page++) {
      const { total, tasks } = await this.http.get('/api/tasks/', shape.tasks, { ...query, page })
      yield tasks
      seen += tasks.length
      if (!tasks.length || seen >= total) return
    }
  }

  /** @returns the path of each image in Label Studio, by item */
  private async upload(projectId: string, files: readonly ImageFile[]): Promise<Map<string, string>> {
    const form = new FormData()
    for (const [index, { name, mediaType, bytes }] of files.entries())
      form.append(`file${index}`, new Blob([new Uint8Array(bytes)], { type: mediaType }), name)
    const { file_upload_ids: ids } = await this.http.read(
      'POST',
      `/api/projects/${projectId}/import`,
      shape.imported,
      { form, query: { commit_to_project: false } },
    )
    const query = { ids: JSON.stringify(ids ?? []) }
    const uploads = await this.http.get(`/api/projects/${projectId}/file-uploads`, shape.uploads, query)
    return new Map(
      uploads.flatMap(({ file }) => {
        const itemId = itemOfFile(file)
        return itemId ? [[itemId, `/data/${file}`] as const] : []
      }),
    )
  }

  /** Imports, and waits when Label Studio goes on with it in the background. */
  private async settled(projectId: string, path: string, asked: { readonly json: unknown }): Promise<void> {
    const { import: id } = await this.http.read('POST', path, shape.imported, asked)
    if (id === undefined) return
    const deadline = Date.now() + importPatienceMs
    for (;;) {
      const { status, error } = await this.http.get(
        `/api/projects/${projectId}/imports/${id}/`,
        shape.progress,
      )
      if (status === 'completed') return
      if (status === 'failed') throw new ToolProblem(`Label Studio could not import images: ${error ?? ''}`)
      if (Date.now() > deadline)
        throw new ToolProblem('Label Studio is still importing images: it will be looked at again')
      await delay(500)
    }
  }
}

function newTask(item: LabellingItemRow, path: string | undefined): object {
  if (!path)
    throw new ToolProblem(`Label Studio has not kept the image of item ${item.id}: it will be sent again`)
  const boxes = startOf(item)
  const scores = boxes.flatMap(({ score }) => (score === null ? [] : [score]))
  const prediction = {
    model_version: item.comment === null ? 'YMIR' : `sent back: ${item.comment}`.slice(0, longestNote),
    result: boxes.map((box, index) => regionOf(box, item, index)),
    ...(scores.length ? { score: scores.reduce((sum, one) => sum + one, 0) / scores.length } : {}),
  }
  return {
    data: { image: path, ymir_item: item.id },
    ...(boxes.length || item.comment !== null ? { predictions: [prediction] } : {}),
  }
}

function itemOf({ data }: shape.RemoteTask): string | undefined {
  return typeof data.ymir_item === 'string' ? data.ymir_item : undefined
}

function answerOf({ annotations }: shape.RemoteTask, item: SeenItem): RemoteAnswer {
  const answer = chosen(annotations)
  const seconds = secondsOf(answer?.lead_time)
  const base = { itemId: item.id, annotations: null, skipReason: null, seconds, problem: null }
  if (answer?.was_cancelled) return { ...base, skipReason: 'skipped in Label Studio' }
  try {
    return { ...base, annotations: (answer?.result ?? []).flatMap((one) => readRegion(one, item)) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { ...base, problem: error.message }
  }
}

/** Of an image that was left open for days nobody knows how long it took. */
function secondsOf(leadTime: number | null | undefined): number | null {
  return typeof leadTime === 'number' && leadTime >= 0 && leadTime <= mostSeconds ? leadTime : null
}

/** What a personal access token looks like: a JSON Web Token, good only to get another that is good for some minutes. */
const isJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/
const freshMs = 4 * 60_000

/** How Label Studio knows us (labelstud.io/guide/access_tokens): a legacy token as it is, a personal one exchanged. */
export function labelStudioHeaders(token: string, refresh: (token: string) => Promise<string>) {
  let kept: { readonly access: string; readonly until: number } | undefined
  return async (): Promise<Record<string, string>> => {
    if (!isJwt.test(token)) return { authorization: `Token ${token}` }
    if (!kept || kept.until < Date.now()) kept = { access: await refresh(token), until: Date.now() + freshMs }
    return { authorization: `Bearer ${kept.access}` }
  }
}

/** @param http without a token */
export async function refreshed(http: Pick<ToolHttp, 'read'>, token: string): Promise<string> {
  const asked = { json: { refresh: token } }
  return (await http.read('POST', '/api/token/refresh', shape.refreshed, asked)).access
}

export { secretHeader as labelStudioSecretHeader }
