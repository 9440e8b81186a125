import { randomUUID } from 'node:crypto'
import {
  aToolServer,
  deliver,
  one,
  pageOf,
  Refusal,
  requireThat,
  usualWebhooks,
  type Reply,
  type Route,
  type Seen,
} from './tool-server.ts'

interface Annotation {
  readonly id: number
  result: readonly object[]
  was_cancelled: boolean
  updated_at: string
  readonly lead_time: number | null
}
interface Prediction {
  readonly model_version: string
  readonly score?: number
  readonly result: readonly Region[]
}
interface Region {
  readonly id: string
  readonly from_name: string
  readonly to_name: string
  readonly value: Readonly<Record<string, unknown>>
  readonly score?: number
}
interface Task {
  readonly id: number
  readonly project: number
  readonly data: { readonly image: string; readonly ymir_item?: string }
  annotations: Annotation[]
  readonly predictions: Prediction[]
}
interface Hook {
  readonly id: number
  project: number
  url: string
  headers: Record<string, string>
  actions: string[]
  is_active: boolean
  send_payload: boolean
}

export type LabelStudioServer = Awaited<ReturnType<typeof aLabelStudio>>

/** Percent of the image's sides. */
export interface Percent {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly rotation?: number
}

/**
 * A simulated Label Studio: the part of its API that a connector needs, as labelstud.io/guide, api.labelstud.io and the
 * source of its 1.x servers describe it (read in November 2026). It is not the product.
 * @param token legacy, or a personal access token when it is a JSON Web Token
 * @param size of the images: it does not look into them
 * @param leadTime seconds of each annotation
 */
export async function aLabelStudio({
  token = 'a'.repeat(40),
  importsLater = false,
  size = { width: 100, height: 80 },
  leadTime = null as number | null, // else its type is null
} = {}) {
  let lastId = 0
  const [projects, uploads, tasks, hooks, imports]: [
    { id: number; title: string; description: string; label_config: string }[],
    { id: number; project: number; file: string; size: number }[],
    Task[],
    Hook[],
    { id: number; readyAt: number; finish: () => void; isDone: boolean }[],
  ] = [[], [], [], [], []]
  const webhooks = usualWebhooks()
  const accesses = new Set<string>()
  const isPersonal = token.split('.').length === 3

  const mayEnter = ({ headers: { authorization = '' }, path }: Seen): boolean => {
    if (path === '/api/token/refresh') return true
    return isPersonal
      ? accesses.has(authorization.replace(/^Bearer /, ''))
      : authorization === `Token ${token}`
  }
  const projectOf = (id: string) => one(projects.find((project) => project.id === Number(id)))
  const taskOf = (id: string) => one(tasks.find((task) => task.id === Number(id)))

  const routes: Route[] = [
    [
      'POST',
      /^\/api\/token\/refresh$/,
      ({ json }) => {
        if (json.refresh !== token) throw new Refusal(401, 'Token is invalid or expired')
        const access = `access-${randomUUID()}`
        accesses.add(access)
        return { status: 200, json: { access } }
      },
    ],
    ['GET', /^\/api\/projects\/$/, ({ query }) => ({ status: 200, json: pageOf(projects, query, 30) })],
    [
      'POST',
      /^\/api\/projects\/$/,
      ({ json }) => {
        requireThat(json.title?.length >= 3 && json.title.length <= 50, 'title: 3 to 50 characters')
        requireThat(/^<View>.*value="\$image".*<\/View>$/.test(json.label_config), 'label_config: invalid')
        const project = {
          id: ++lastId,
          title: json.title,
          description: json.description,
          label_config: json.label_config,
        }
        projects.push(project)
        return { status: 201, json: project }
      },
    ],
    ['GET', /^\/api\/projects\/(\d+)\/$/, (_seen, id = '') => ({ status: 200, json: projectOf(id) })],
    ['POST', /^\/api\/projects\/(\d+)\/import$/, importTasks],
    [
      'GET',
      /^\/api\/projects\/(\d+)\/imports\/(\d+)\/$/,
      (_seen, _project, id) => {
        goOnImporting()
        const found = one(imports.find((each) => each.id === Number(id)))
        return { status: 200, json: { status: found.isDone ? 'completed' : 'in_progress', error: null } }
      },
    ],
    [
      'GET',
      /^\/api\/projects\/(\d+)\/file-uploads$/,
      ({ query }, project) => {
        const ids = JSON.parse(query.get('ids') ?? '[]') as number[] // as its documentation has it
        const found = uploads.filter((each) => each.project === Number(project) && ids.includes(each.id))
        return { status: 200, json: found.map(({ id, file }) => ({ id, file })) }
      },
    ],
    [
      'GET',
      /^\/api\/tasks\/$/,
      ({ query }) => {
        goOnImporting()
        projectOf(query.get('project') ?? '')
        const own = tasks.filter(({ project }) => project === Number(query.get('project')))
        const isWhole = query.get('fields') === 'all'
        const { results } = pageOf(own, query, 100)
        const shown = results.map((task) => (isWhole ? task : { ...task, annotations: [], predictions: [] }))
        return { status: 200, json: { total: own.length, tasks: shown } }
      },
    ],
    ['GET', /^\/api\/tasks\/(\d+)\/$/, (_seen, id = '') => ({ status: 200, json: taskOf(id) })],
    [
      'DELETE',
      /^\/api\/tasks\/(\d+)\/$/,
      (_seen, id = '') => {
        tasks.splice(tasks.indexOf(taskOf(id)), 1)
        return { status: 204 }
      },
    ],
    [
      'DELETE',
      /^\/api\/annotations\/(\d+)\/$/,
      (_seen, id) => {
        const task = one(tasks.find(({ annotations }) => annotations.some((each) => each.id === Number(id))))
        task.annotations = task.annotations.filter((each) => each.id !== Number(id))
        return { status: 204 }
      },
    ],
    [
      'POST',
      /^\/api\/predictions\/$/,
      ({ json }) => {
        taskOf(String(json.task)).predictions.push(json)
        return { status: 201, json: { id: ++lastId, ...json } }
      },
    ],
    [
      'GET',
      /^\/api\/webhooks\/$/,
      ({ query }) => ({
        status: 200,
        json: hooks.filter(({ project }) => project === Number(query.get('project'))),
      }),
    ],
    [
      'POST',
      /^\/api\/webhooks\/$/,
      ({ json }) => {
        projectOf(String(json.project))
        const hook: Hook = { id: ++lastId, ...json }
        hooks.push(hook)
        return { status: 201, json: hook }
      },
    ],
    [
      'PATCH',
      /^\/api\/webhooks\/(\d+)\/$/,
      ({ json }, id) => {
        const hook = one(hooks.find((each) => each.id === Number(id)))
        return { status: 200, json: Object.assign(hook, json) }
      },
    ],
    [
      'DELETE',
      /^\/api\/webhooks\/(\d+)\/$/,
      (_seen, id) => {
        hooks.splice(hooks.indexOf(one(hooks.find((each) => each.id === Number(id)))), 1)
        return { status: 204 }
      },
    ],
  ]

  /** What is imported in the background, whether anybody asks for it or not. */
  function goOnImporting(): void {
    for (const each of imports) {
      if (each.isDone || Date.now() < each.readyAt) continue
      each.finish()
      each.isDone = true
    }
  }

  async function importTasks(seen: Seen, id = ''): Promise<Reply> {
    const project = projectOf(id)
    if (seen.headers['content-type']?.startsWith('multipart/')) {
      requireThat(seen.query.get('commit_to_project') === 'false', 'these tests import files apart')
      const made: number[] = []
      for (const [, file] of await seen.form()) {
        requireThat(
          typeof file !== 'string' && /\.(jpg|png|webp)$/.test(file.name),
          'extension is not supported',
        )
        const path = `upload/${project.id}/${randomUUID().slice(0, 8)}-${file.name}`
        uploads.push({ id: ++lastId, project: project.id, file: path, size: file.size })
        made.push(lastId)
      }
      return { status: 201, json: { task_count: made.length, file_upload_ids: made } }
    }
    requireThat(Array.isArray(seen.json), 'load_tasks: Data root must be list')
    for (const task of seen.json) checkTask(project, task)
    const finish = () => {
      for (const task of seen.json)
        tasks.push({ id: ++lastId, project: project.id, annotations: [], predictions: [], ...task })
    }
    if (importsLater) {
      imports.push({ id: ++lastId, readyAt: Date.now() + 100, finish, isDone: false })
      return { status: 201, json: { import: lastId } }
    }
    finish()
    return { status: 201, json: { task_count: seen.json.length, file_upload_ids: [] } }
  }

  function checkTask(
    { id, label_config }: (typeof projects)[number],
    { data, predictions = [] }: Task,
  ): void {
    const upload = uploads.find(({ project, file }) => project === id && `/data/${file}` === data?.image)
    requireThat(upload?.size, '"$image" key is expected in task data, and there is no such upload')
    for (const { model_version, result } of predictions) {
      requireThat(typeof model_version === 'string', 'model_version must be a string')
      for (const region of result) {
        requireThat(
          region.id && region.from_name === 'label' && region.to_name === 'image',
          'names of the region',
        )
        const { x, y, width, height, rectanglelabels } = region.value as unknown as Percent & {
          rectanglelabels: string[]
        } // checked below
        const { rotation = 0 } = region.value as unknown as Percent
        requireThat(rotation >= 0 && rotation < 360, 'rotation is degrees')
        // the corner of a turned box may lie anywhere, and it reaches as far as it is turned
        const sides = rotation ? [width, height] : [x, y, width, height, x + width, y + height]
        const isPercent = sides.every((side) => side >= 0 && side <= 100.001)
        requireThat(isPercent, 'coordinates are percent')
        const named = rectanglelabels.every((label) => label_config.includes(`value="${escaped(label)}"`))
        requireThat(named, 'a label is not in the labeling configuration')
      }
    }
  }

  const server = await aToolServer(mayEnter, routes)

  async function say(action: string, project: number): Promise<void> {
    for (const hook of hooks)
      if (hook.project === project && hook.is_active && hook.actions.includes(action))
        await deliver(webhooks, hook.url, hook.headers, JSON.stringify({ action }))
  }
  const ofItem = (itemId: string) => one(tasks.find(({ data }) => data.ymir_item === itemId))
  let clock = Date.now()
  const now = () => new Date(++clock).toISOString()
  const made = () => ({ id: ++lastId, updated_at: now(), lead_time: leadTime })

  return {
    ...server,
    ...{ token, projects, uploads, tasks, hooks, webhooks, ofItem },

    /** Somebody labels an image with rectangles. */
    labels: async (
      itemId: string,
      boxes: readonly (Percent & { readonly label?: string })[],
      more: object = {},
    ) => {
      const task = ofItem(itemId)
      const result = boxes.map(({ label = 'brick', ...value }, index) => ({
        ...{ id: `r${index}`, type: 'rectanglelabels', from_name: 'label', to_name: 'image' },
        ...{ original_width: size.width, original_height: size.height, image_rotation: 0 },
        value: { rotation: 0, ...value, rectanglelabels: [label] },
        ...more,
      }))
      const [known] = task.annotations
      if (known) Object.assign(known, { result, updated_at: now() })
      else task.annotations.push({ ...made(), result, was_cancelled: false })
      await say(known ? 'ANNOTATION_UPDATED' : 'ANNOTATION_CREATED', task.project)
    },

    /** Somebody deletes an image, or all of them with their project. */
    deletes: (itemId?: string) => {
      if (itemId) return void tasks.splice(tasks.indexOf(ofItem(itemId)), 1)
      for (const list of [projects, tasks, uploads, hooks]) list.length = 0
    },

    /** Somebody skips an image: an annotation that is cancelled. */
    skips: async (itemId: string) => {
      const task = ofItem(itemId)
      task.annotations.push({ ...made(), result: [], was_cancelled: true })
      await say('ANNOTATION_CREATED', task.project)
    },
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
