import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeJsonLines } from '@ymir/blobs'
import { waitUntil } from '@ymir/service'
import type { SeenTask } from '../../testing/client.ts'
import type { TestAsset, TestPlatform } from '../../testing/platform.ts'
import { vendorsOf } from '../../testing/vendor.ts'
import type { LabellingTool } from '../connector.entity.ts'
import { aCvat, type CvatServer } from './cvat-server.ts'
import { aLabelStudio, type LabelStudioServer } from './label-studio-server.ts'

/** Pixels, as the tool has it. */
export interface Box {
  readonly label?: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Degrees, about the point about which the tool turns boxes. */
  readonly rotation?: number
}

/** What somebody finds in the images of a task; those left out are empty. */
export type Work = ReadonlyMap<string, readonly Box[]>

/** What people do in a simulated tool, and what a test sees there, whichever it is. */
export interface Rig {
  readonly tool: LabellingTool
  readonly server: Pick<
    LabelStudioServer,
    | 'url'
    | 'token'
    | 'asked'
    | 'count'
    | 'losesAnswerTo'
    | 'failsAt'
    | 'goesDown'
    | 'comesBack'
    | 'stop'
    | 'webhooks'
  >
  /** Requests that make something. */
  readonly creating: Readonly<Record<'project' | 'files' | 'images' | 'hook', RegExp>>
  /** The images of a task that are there, with the boxes to start from. */
  images(): { itemId: string; boxes: (Box & { score: number | null })[] }[]
  /** Images that the tool holds, also those that it has not taken in. */
  heldCount(): number
  projectCount(): number
  hookCount(): number
  /** Somebody finishes these images. */
  work(work: Work): Promise<void>
  /** Somebody says that an image cannot be labelled, and finishes it. */
  skip(itemId: string): Promise<void>
  /** Somebody deletes an image there, or (undefined) the whole project. */
  remove(itemId?: string): void
  /** Whether an image is to be done again, and why. */
  reopened(itemId: string): { isOpen: boolean; words: string }
  /** Images that can still be worked on. */
  openCount(): number
}

export async function labelStudioRig(options: Parameters<typeof aLabelStudio>[0] = {}): Promise<Rig> {
  const server = await aLabelStudio(options)
  const { size = { width: 100, height: 80 } } = options
  const percent = ({ x, y, width, height, label, rotation = 0 }: Box) => ({
    rotation,
    ...{ x: (x / size.width) * 100, width: (width / size.width) * 100 },
    ...{ y: (y / size.height) * 100, height: (height / size.height) * 100 },
    ...(label && { label }),
  })
  return {
    tool: 'LABEL_STUDIO',
    server,
    creating: {
      project: /^POST \/api\/projects\/ /,
      files: /^POST \/api\/projects\/\d+\/import multipart/,
      images: /^POST \/api\/projects\/\d+\/import application\/json/,
      hook: /^POST \/api\/webhooks\/ /,
    },
    images: () =>
      server.tasks.map(({ data, predictions }) => ({
        itemId: data.ymir_item ?? '',
        boxes: (predictions[0]?.result ?? []).map(({ value, score = null }) => {
          const { x, y, width, height, rotation, rectanglelabels } = value as unknown as Box & {
            rectanglelabels: string[]
          } // checked by the server
          const label = rectanglelabels[0]
          return {
            ...{ x: (x * size.width) / 100, width: (width * size.width) / 100 },
            ...{ y: (y * size.height) / 100, height: (height * size.height) / 100, score },
            ...(rotation && { rotation }),
            ...(label && { label }),
          }
        }),
      })),
    heldCount: () => server.tasks.length,
    projectCount: () => server.projects.length,
    hookCount: () => server.hooks.length,
    work: async (work) => {
      for (const [itemId, boxes] of work) await server.labels(itemId, boxes.map(percent))
    },
    skip: (itemId) => server.skips(itemId),
    remove: (itemId) => server.deletes(itemId),
    reopened: (itemId) => {
      const { annotations, predictions } = server.ofItem(itemId)
      return { isOpen: !annotations.length, words: predictions.at(-1)?.model_version ?? '' }
    },
    openCount: () => server.tasks.filter(({ annotations }) => !annotations.length).length,
  }
}

export async function cvatRig(options: Parameters<typeof aCvat>[0] = {}): Promise<Rig> {
  const server: CvatServer = await aCvat(options)
  const jobsDone = new Set(['completed', 'rejected'])
  return {
    tool: 'CVAT',
    server,
    creating: {
      project: /^POST \/api\/projects /,
      files: /^POST \/api\/tasks\/\d+\/data\/ multipart/,
      images: /^POST \/api\/tasks\/\d+\/data\/ application\/json/,
      hook: /^POST \/api\/webhooks /,
    },
    images: () =>
      server.parts.flatMap(({ id, project_id, frames }) =>
        frames.map(({ name }, frame) => ({
          itemId: name.replace(/^\d+-|\.\w+$/g, ''),
          boxes: (server.shapes.get(id) ?? [])
            .filter((shape) => shape.frame === frame)
            .map(({ points: [x = 0, y = 0, right = 0, bottom = 0], label_id, rotation, source, score }) => {
              const labels = server.projects.find((one) => one.id === project_id)?.labels ?? []
              const label = labels.find((one) => one.id === label_id)?.name
              return {
                ...{ x, y, width: right - x, height: bottom - y, ...(label && { label }) },
                ...(rotation && { rotation }),
                score: source === 'auto' ? (score ?? null) : null,
              }
            }),
        })),
      ),
    heldCount: () => server.parts.reduce((sum, { files }) => sum + files.length, 0),
    projectCount: () => server.projects.length,
    hookCount: () => server.hooks.length,
    work: async (work) => {
      for (const [itemId, boxes] of work) {
        const drawn = boxes.map(({ x, y, width, height, label, rotation = 0 }) => ({
          points: [x, y, x + width, y + height],
          rotation,
          ...(label && { label }),
        }))
        server.draws(itemId, drawn)
      }
      for (const itemId of work.keys()) await server.sets(itemId, 'completed')
    },
    skip: async (itemId) => {
      server.removes(itemId)
      await server.sets(itemId, 'completed')
    },
    remove: (itemId) => server.deletes(itemId),
    reopened: (itemId) => {
      const { job, frame } = server.placeOf(itemId)
      const issue = server.issues.findLast((one) => one.job === job.id && one.frame === frame)
      return { isOpen: job.state === 'rejected', words: issue?.messages[0] ?? '' }
    },
    openCount: () => server.jobs.filter(({ state }) => !jobsDone.has(state)).length,
  }
}

/** Stands where the gateway does: passes what tools say on to the service. */
export async function aDoor(platform: TestPlatform) {
  const names: Readonly<Record<string, { tool: string; header: string }>> = {
    'label-studio': { tool: 'LABEL_STUDIO', header: 'x-ymir-secret' },
    cvat: { tool: 'CVAT', header: 'x-signature-256' },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [, vendorId = '', name = ''] =
        /^\/vendor\/connectors\/([^/]+)\/([^/]+)$/.exec(request.url ?? '') ?? []
      const { tool = '', header = '' } = names[name] ?? {}
      const proof = String(request.headers[header] ?? '')
      const body = Buffer.concat(chunks).toString('base64')
      const query = `mutation ($input: HearToolInput!) { hearTool(input: $input) { isHeard } }`
      void platform
        .ask({ kind: 'service', name: 'gateway' }, query, { input: { vendorId, tool, proof, body } })
        .then(({ data }) => response.writeHead(data?.hearTool.isHeard ? 202 : 401).end())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    stop: () => new Promise((stopped) => server.close(stopped)),
  }
}

/** Connected vendors and their tasks on a test platform. */
export function connectedOn(platform: TestPlatform) {
  const vendors = vendorsOf(platform)

  /** Images whose bytes are in the blob store, 100 x 80 as far as the version says. */
  async function someImages(count: number, more: Partial<TestAsset> = {}): Promise<TestAsset[]> {
    const png = () =>
      Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(32)])
    const blobs = await Promise.all(Array.from({ length: count }, () => platform.blobs.put(png())))
    return blobs.map(({ sha256 }) => ({ assetId: sha256, ...more }))
  }

  const connect = (vendorId: string, { tool, server }: Rig, more: object = {}) =>
    vendors.command(
      'connectVendor',
      { vendorId, tool, url: server.url, token: server.token, ...more },
      'vendor { id }',
    )

  return {
    vendors,
    connect,
    someImages,

    /** A vendor that works in a tool, and a task of its with the images there. */
    aTask: async (
      rig: Rig,
      {
        images = 2,
        platformUrl,
        scores = [],
        annotations = [],
        ...input
      }: {
        images?: number
        platformUrl?: string
        scores?: readonly number[]
        /** Of each image, in the version. */
        annotations?: TestAsset['annotations']
        [more: string]: unknown
      } = {},
    ): Promise<{ vendorId: string; task: SeenTask; itemIds: string[] }> => {
      const { id: vendorId } = await vendors.create()
      await connect(vendorId, rig, { platformUrl })
      const assets = await someImages(images, { annotations: annotations ?? [] })
      const set = await predictions(assets, scores)
      const versionId = await platform.aVersion(assets, { sets: set ? [set] : [] })
      const { done } = await vendors.people.create({
        ...{ versionId, classes: ['brick', 'plate'], vendorId, ...(set && { predictionSetId: set.id }) },
        ...input,
      })
      const task = await vendors.people.ready(done?.id ?? '')
      return { vendorId, task, itemIds: task.items.map(({ id }) => id) }
    },

    /** What the owner sees of a vendor's tool. */
    seen: async (vendorId: string) => {
      const query = `query ($id: ID!) { vendor(id: $id) { connector {
        tool url lastLookAt problem refused { itemId problem } } } }`
      const { data } = await platform.ask(vendors.owner, query, { id: vendorId })
      return data.vendor.connector as {
        readonly tool: string
        readonly url: string
        readonly lastLookAt: string | null
        readonly problem: string | null
        readonly refused: readonly { readonly itemId: string; readonly problem: string }[]
      } | null // the query above
    },

    /** Nothing is looked at for an hour, unless somebody says that there is something new. */
    holdPolls: (taskId: string) =>
      waitUntil(
        'no look to be under way',
        async () => {
          const [held]: [{ at_rest: boolean }[], number] = await platform.database.query(
            `update connector_tasks set next_look_at = now() + interval '1 hour' where task_id = $1
              returning looking_until is null and looked_at is not null as at_rest`,
            [taskId],
          )
          return held[0]?.at_rest
        },
        { timeoutMs: 25_000 },
      ),

    /** The item as it is now. */
    item: async (taskId: string, itemId: string) => {
      const task = await vendors.people.see(taskId)
      return task?.items.find(({ id }) => id === itemId)
    },
  }

  /** A model's brick in the corner of each image, with these scores. */
  async function predictions(assets: readonly TestAsset[], scores: readonly number[]) {
    if (!scores.length) return undefined
    const box = { x: 60, y: 40, width: 20, height: 16 }
    const lines = scores.map((score, index) => ({
      assetId: assets[index]?.assetId,
      predictions: [{ label: 'brick', box, score }],
    }))
    const blob = await writeJsonLines(platform.blobs, lines)
    return { id: randomUUID(), ...blob, sourceKind: 'MODEL', sourceId: randomUUID() } as const
  }
}
