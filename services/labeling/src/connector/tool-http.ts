import type { Dispatcher, FormData } from 'undici'
import type { z } from 'zod'
import { reasonOf, type Outgoing, type Outward } from '../vendor/outward.ts'
import { ToolProblem } from './tool.ts'

const patienceMs = 60_000
/** A page of tasks with 2,000 boxes in each image is not larger. */
const mostBytes = 64 * 1024 ** 2

export interface Asked {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as multipart/form-data. */
  readonly form?: FormData
  readonly headers?: Readonly<Record<string, string>>
}

/** A tool's REST API. All throw ToolProblem when it cannot be reached, refuses, or answers otherwise than documented. */
export class ToolHttp {
  constructor(
    private readonly outward: Pick<Outward, 'send'>,
    private readonly tool: {
      readonly name: string
      /** Where it is; may have a path. */
      readonly url: string
      readonly signal?: AbortSignal | undefined
      readonly headers: () => Promise<Readonly<Record<string, string>>>
    },
  ) {}

  async get<T>(path: string, shape: z.ZodType<T>, query: Asked['query'] = {}): Promise<T> {
    return this.read('GET', path, shape, { query })
  }

  async read<T>(method: Outgoing['method'], path: string, shape: z.ZodType<T>, asked: Asked): Promise<T> {
    const text = await this.send(method, path, asked)
    try {
      return shape.parse(JSON.parse(text))
    } catch (error) {
      const what = error instanceof SyntaxError ? 'no JSON' : `something else than its documentation says`
      throw new ToolProblem(
        `${this.tool.name} answers ${method} ${path} with ${what}: check its address (${first(String(error))})`,
      )
    }
  }

  /** @returns the answer's body */
  async send(method: Outgoing['method'], path: string, asked: Asked = {}): Promise<string> {
    const { statusCode: status, text } = await this.answer(method, path, asked)
    if (status >= 200 && status < 300) return text
    const said = `${this.tool.name} answers ${method} ${path} with status ${status}`
    if (status === 401 || status === 403)
      throw new ToolProblem(
        `${said}: connect the vendor again with a token that may do this${reasonIn(text, status)}`,
        status,
      )
    if (status >= 300 && status < 400)
      throw new ToolProblem(
        `${said}: redirects are not followed, so give the address that it leads to`,
        status,
      )
    throw new ToolProblem(`${said}${reasonIn(text, status)}`, status)
  }

  /** DELETE; what is gone already is no problem. */
  async remove(path: string): Promise<void> {
    await unlessGone(this.send('DELETE', path))
  }

  private async answer(method: Outgoing['method'], path: string, { query = {}, json, form, headers }: Asked) {
    const url = addressOf(this.tool.url, path, query)
    const own = await this.tool.headers()
    try {
      const sent = await this.outward.send(url, {
        method,
        headers: {
          ...own,
          ...headers,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(form && { body: form }),
        patienceMs,
        signal: this.tool.signal,
      })
      return { statusCode: sent.statusCode, text: await limited(sent.body) }
    } catch (error) {
      if (error instanceof ToolProblem) throw error
      throw new ToolProblem(`${this.tool.name} at ${new URL(this.tool.url).host} ${reasonOf(error)}`)
    }
  }
}

function addressOf(base: string, path: string, query: NonNullable<Asked['query']>): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
  url.search = ''
  url.hash = ''
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value))
  return url.href
}

async function limited(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new ToolProblem(`an answer of the tool is longer than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Why a tool refuses, as Django REST framework words it; of other answers nothing is told on: it may be no tool. */
function reasonIn(text: string, status: number): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown } // or whatever it is, as seen below
    if (typeof detail === 'string') return ` (${first(detail)})`
  } catch {
    return ''
  }
  return status === 400 ? ` (${first(text)})` : ''
}

/** A start of what was said, for a message. */
function first(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200)
}

/** @returns undefined when there is nothing (status 404) */
export function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof ToolProblem && error.status === 404) return undefined
    throw error
  })
}
