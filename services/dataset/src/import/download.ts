import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DomainError } from '@ymir/graphql'
import { lookupOnly, NotReachable, type Lookup } from '@ymir/service'
import { Agent, request } from 'undici'
import { BadArchive } from './problem.ts'

export interface DownloadLimits {
  readonly bytes: number
  readonly redirects: number
  /** For connecting, for the answer to begin, and for a pause within it. */
  readonly pauseMs: number
  /** For all of it. */
  readonly totalMs: number
}

export const downloadLimits: DownloadLimits = {
  bytes: 100 * 1024 ** 3,
  redirects: 5,
  pauseMs: 30_000,
  totalMs: 12 * 3_600_000,
}

export interface DownloadOptions {
  readonly limits: DownloadLimits
  /** Whether an IP address may be connected to. */
  readonly mayReach: (address: string) => boolean
  /** Instead of the machine's resolver. */
  readonly lookup?: Lookup
  readonly signal: AbortSignal
  /** @param total bytes, when the server says */
  readonly onProgress?: (bytes: number, total: number | undefined) => void
}

/** @throws DomainError for what is no plain http or https address */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new DomainError('BAD_USER_INPUT', `url ${JSON.stringify(text)} is not an http or https address`, {
      field: 'url',
    })
  if (url.username || url.password)
    throw new DomainError(
      'BAD_USER_INPUT',
      'url has a name or password in it, which would be stored and shown: leave it out',
      {
        field: 'url',
      },
    )
  return url
}

/**
 * Fetches a URL into a file, which is there only when it is whole. Every address is checked when it is connected to, after
 * the name is resolved and for each redirect, so that no answer of a name server leads into our own network.
 * @throws BadArchive that says what the other side did
 */
export async function download(text: string, path: string, options: DownloadOptions): Promise<void> {
  const { limits } = options
  const timeout = AbortSignal.timeout(limits.totalMs)
  const signal = AbortSignal.any([options.signal, timeout])
  const agent = agentFor(options)
  try {
    await mkdir(dirname(path), { recursive: true })
    const body = await follow(new URL(text), agent, signal, options)
    await pipeline(body, createWriteStream(`${path}.part`), { signal })
    await rename(`${path}.part`, path)
  } catch (error) {
    await rm(`${path}.part`, { force: true })
    options.signal.throwIfAborted()
    if (error instanceof BadArchive) throw error
    throw refused(
      text,
      timeout.aborted ? `took longer than ${limits.totalMs / 1000} seconds` : reasonOf(error),
    )
  } finally {
    await agent.destroy()
  }
}

function agentFor({ limits, mayReach, lookup }: DownloadOptions): Agent {
  const { pauseMs } = limits
  return new Agent({
    headersTimeout: pauseMs,
    bodyTimeout: pauseMs,
    connect: { timeout: pauseMs, lookup: lookupOnly(mayReach, lookup) },
  })
}

async function follow(
  first: URL,
  agent: Agent,
  signal: AbortSignal,
  options: DownloadOptions,
): Promise<AsyncGenerator<Uint8Array>> {
  const { limits, mayReach, onProgress } = options
  let url = first
  for (let redirects = 0; redirects <= limits.redirects; redirects++) {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // a literal address is never looked up
    if (isIP(host) && !mayReach(host)) throw refused(url.href, notPublic(new NotReachable(host)))
    const { statusCode, headers, body } = await request(url.href, { dispatcher: agent, signal })
    const location = headers.location
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump()
      url = nextUrl(location, url)
      continue
    }
    if (statusCode !== 200) throw refused(url.href, `answered with status ${statusCode}`)
    const total = Number(headers['content-length']) || undefined
    if (total && total > limits.bytes) throw tooLarge(url.href, limits)
    return counted(body, (bytes) => {
      if (bytes > limits.bytes) throw tooLarge(url.href, limits)
      onProgress?.(bytes, total)
    })
  }
  throw refused(first.href, `redirects more than ${limits.redirects} times`)
}

function nextUrl(location: string, from: URL): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (next && ['http:', 'https:'].includes(next.protocol)) return next
  throw refused(from.href, `redirects to ${JSON.stringify(location)}, which is not an http or https address`)
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    onBytes(bytes)
    yield piece
  }
}

function notPublic({ message }: NotReachable): string {
  return `${message}: whoever runs this platform may allow it with YMIR_IMPORT_PRIVATE_URLS=1`
}

function tooLarge(url: string, { bytes }: DownloadLimits): BadArchive {
  return refused(url, `is larger than the ${bytes} bytes allowed`)
}

function refused(file: string, problem: string): BadArchive {
  return new BadArchive({ file, problem, remedy: 'check the address, or upload the archive' })
}

function reasonOf(error: unknown): string {
  return error instanceof NotReachable ? notPublic(error) : `cannot be fetched (${String(error)})`
}
