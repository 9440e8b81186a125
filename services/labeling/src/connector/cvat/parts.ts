import { FormData } from 'undici'
import type { LabellingItemRow } from '../../item/labelling-item.entity.ts'
import { itemOfFile } from '../image-file.ts'
import { startOf } from '../start.ts'
import { ToolProblem, type ConnectedTask, type ImageFile, type RemoteImage } from '../tool.ts'
import type { CvatHttp } from './cvat-http.ts'
import * as shape from './shape.ts'
import { shapeOf } from './shapes.ts'

/** A job is answered as a whole: a small one comes sooner. */
const imagesInJob = 20
const mostInPart = 500
const imageQuality = 95

/** The CVAT tasks of a project: parts of a labelling task, since what CVAT has taken in cannot be added to. */
export class Parts {
  constructor(private readonly http: CvatHttp) {}

  all(projectId: string): Promise<shape.Part[]> {
    return this.http.all('/api/tasks', shape.parts, { project_id: projectId })
  }

  /** The item of each frame of a part. */
  async frames({ id }: Pick<shape.Part, 'id'>): Promise<(string | undefined)[]> {
    const { frames } = await this.http.api.get(`/api/tasks/${id}/data/meta`, shape.meta)
    return (frames ?? []).map(({ name }) => itemOfFile(name))
  }

  /** Those of the images wanted that CVAT has taken in; they have the boxes to start from then. */
  async found(projectId: string, wanted: readonly LabellingItemRow[]): Promise<RemoteImage[]> {
    const byId = new Map(wanted.map((item) => [item.id, item]))
    const found: RemoteImage[] = []
    for (const part of await this.all(projectId)) {
      if (!part.size) continue
      const frames = await this.frames(part)
      const items = frames.map((itemId) => byId.get(itemId ?? ''))
      if (!items.some(Boolean)) continue
      await this.start(projectId, part, items)
      for (const [frame, item] of items.entries())
        if (item) found.push({ itemId: item.id, remoteId: `${part.id}:${frame}` })
    }
    return found
  }

  /** Sends images as new parts, but for as long as CVAT takes earlier ones in. */
  async send(
    projectId: string,
    task: ConnectedTask,
    batches: AsyncIterable<readonly ImageFile[]>,
  ): Promise<void> {
    const known = await this.all(projectId)
    const empty = known.filter(({ size }) => !size)
    for (const part of empty) if (await this.isTakenIn(part)) return
    let part: { readonly id: number; count: number } | undefined
    let number = known.length - empty.length
    for await (const files of batches) {
      if (part && part.count + files.length > mostInPart) {
        await this.finish(part)
        part = undefined
      }
      part ??= await this.begin(projectId, `${task.name.slice(0, 200)}, part ${++number}`)
      await this.upload(part, files)
      part.count += files.length
    }
    if (part) await this.finish(part)
  }

  /**
   * Whether CVAT works on what an empty part was sent. One that it does not work on goes: its upload was cut off, or failed.
   * @throws ToolProblem that says why it failed
   */
  private async isTakenIn({ id }: shape.Part): Promise<boolean> {
    const requests = await this.http.all('/api/requests', shape.requests, { task_id: id, action: 'create' })
    if (requests.some(({ status }) => status === 'queued' || status === 'started')) return true
    const { size } = await this.http.api.get(`/api/tasks/${id}`, shape.part)
    if (size) return true // it was, meanwhile
    await this.http.api.remove(`/api/tasks/${id}`)
    const failed = requests.find(({ status }) => status === 'failed')
    if (failed)
      throw new ToolProblem(`CVAT could not take images in (${failed.message ?? 'it does not say why'})`)
    return false
  }

  private async begin(projectId: string, name: string): Promise<{ id: number; count: number }> {
    const json = { name, project_id: Number(projectId), segment_size: imagesInJob, overlap: 0 }
    const { id } = await this.http.api.read('POST', '/api/tasks', shape.part, { json })
    await this.http.api.send('POST', `/api/tasks/${id}/data/`, { headers: { 'Upload-Start': 'true' } })
    return { id, count: 0 }
  }

  private async upload({ id }: { readonly id: number }, files: readonly ImageFile[]): Promise<void> {
    const form = new FormData()
    form.append('image_quality', String(imageQuality))
    for (const [index, { name, mediaType, bytes }] of files.entries())
      form.append(`client_files[${index}]`, new Blob([new Uint8Array(bytes)], { type: mediaType }), name)
    const headers = { 'Upload-Multiple': 'true' }
    await this.http.api.send('POST', `/api/tasks/${id}/data/`, { form, headers })
  }

  private async finish({ id }: { readonly id: number }): Promise<void> {
    const json = { image_quality: imageQuality, sorting_method: 'lexicographical' }
    const headers = { 'Upload-Finish': 'true' }
    await this.http.api.send('POST', `/api/tasks/${id}/data/`, { json, headers })
  }

  /** Puts the boxes to start from into a part, unless something is drawn there already. */
  private async start(
    projectId: string,
    { id }: shape.Part,
    items: readonly (LabellingItemRow | undefined)[],
  ): Promise<void> {
    const labels = await this.http.labels(projectId)
    const shapes = items.flatMap((item, frame) =>
      item
        ? startOf(item).flatMap((box) => {
            const labelId = labels.get(box.label)
            return labelId === undefined ? [] : [shapeOf(box, frame, labelId)]
          })
        : [],
    )
    if (!shapes.length) return
    const path = `/api/tasks/${id}/annotations/`
    const there = await this.http.api.get(path, shape.annotations)
    if (there.shapes.length + there.tracks.length + there.tags.length) return
    await this.http.api.send('PUT', path, { json: { version: 0, tags: [], tracks: [], shapes } })
  }
}
