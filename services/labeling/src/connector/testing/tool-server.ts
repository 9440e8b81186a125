import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a simulated tool sees it. */
export interface Seen {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** The body, when it is JSON. */
  // simulated servers check what they are sent, each as its product does
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any
  /** The body, when it is multipart/form-data. */
  form(): Promise<FormData>
}

export interface Reply {
  readonly status: number
  readonly json?: unknown
}

/** A refusal, as Django REST framework words it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail)
  }
}

/** Does `act` for requests whose method and path fit. */
export type Route = readonly [
  method: string,
  path: RegExp,
  act: (seen: Seen, ...parts: string[]) => Reply | Promise<Reply>,
]

/** An HTTP server of a simulated tool, on which things can go wrong. */
export async function aToolServer(mayEnter: (seen: Seen) => boolean, routes: readonly Route[]) {
  const asked: string[] = []
  const lost: RegExp[] = []
  const failing: RegExp[] = []
  let isDown = false
  const next = (patterns: RegExp[], request: string): boolean => {
    const index = patterns.findIndex((one) => one.test(request))
    if (index >= 0) patterns.splice(index, 1)
    return index >= 0
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (isDown) return void request.socket.destroy()
      void answer(Buffer.concat(chunks)).then(({ status, json }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(json === undefined ? '' : JSON.stringify(json))
      })
    })

    async function answer(bytes: Buffer): Promise<Reply> {
      const url = new URL(request.url ?? '/', 'http://tool')
      const method = request.method ?? 'GET'
      const said = `${method} ${url.pathname}`
      asked.push(said)
      const isJson = request.headers['content-type']?.startsWith('application/json') ?? false
      const seen: Seen = {
        ...{ method, path: url.pathname, query: url.searchParams, headers: request.headers, bytes },
        json: isJson ? JSON.parse(bytes.toString()) : undefined,
        form: () => {
          const headers = { 'content-type': request.headers['content-type'] ?? '' }
          return new Response(new Uint8Array(bytes), { headers }).formData()
        },
      }
      const whole = `${said} ${request.headers['content-type']?.split(';')[0] ?? ''}`
      if (next(failing, whole)) return { status: 500, json: { detail: 'Internal Server Error' } }
      const reply = await acted(seen)
      if (next(lost, whole)) request.socket.destroy() // done, and never told
      return reply
    }
  })

  async function acted(seen: Seen): Promise<Reply> {
    try {
      for (const [method, path, act] of routes) {
        const match = method === seen.method && path.exec(seen.path)
        if (!match) continue
        if (!mayEnter(seen)) throw new Refusal(401, 'Authentication credentials were not provided.')
        return await act(seen, ...match.slice(1))
      }
      throw new Refusal(404, 'Not found.')
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, json: { detail: error.message } }
      return { status: 500, json: { detail: String(error) } }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    /** What was asked, in order: `POST /api/projects/`. */
    asked,
    count: (pattern: RegExp) => asked.filter((one) => pattern.test(one)).length,
    /** The next request that fits (`POST /api/tasks application/json`) is done, but its answer never comes. */
    losesAnswerTo: (pattern: RegExp) => void lost.push(pattern),
    /** The next request that fits is answered with 500, and not done. */
    failsAt: (pattern: RegExp) => void failing.push(pattern),
    goesDown: () => void (isDown = true),
    comesBack: () => void (isDown = false),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** How a simulated tool sends its webhooks. */
export interface Webhooks {
  /** Lost on the way: Label Studio does not try again. */
  isLost: boolean
  /** How often each is sent. */
  times: number
  /** Statuses of the answers. */
  readonly answers: number[]
}

export const usualWebhooks = (): Webhooks => ({ isLost: false, times: 1, answers: [] })

export async function deliver(
  webhooks: Webhooks,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<void> {
  if (webhooks.isLost) return
  for (let time = 0; time < webhooks.times; time++) {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
    const answer = await fetch(url, sent).catch(() => undefined)
    if (answer) webhooks.answers.push(answer.status)
  }
}

/** A page as Django REST framework cuts it. @throws Refusal 404 behind the last */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, usualSize: number) {
  const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('page_size') ?? usualSize)]
  const results = all.slice((page - 1) * size, page * size)
  if (page > 1 && !results.length) throw new Refusal(404, 'Invalid page.')
  const next = page * size < all.length ? `?page=${page + 1}` : null
  return { count: all.length, next, previous: null, results }
}

/** @throws Refusal 404 */
export function one<T>(found: T | undefined): T {
  if (found === undefined) throw new Refusal(404, 'Not found.')
  return found
}

/** @throws Refusal 400 */
export function requireThat(isSo: unknown, detail: string): asserts isSo {
  if (!isSo) throw new Refusal(400, detail)
}
