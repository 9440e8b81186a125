import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'

/** What stands in the built index.html for the nonce of one answer (web/vite.config.ts). */
const NONCE = '__CSP_NONCE__'

/** The dashboard as it is served. */
export interface Pages {
  /** Of the built dashboard. */
  readonly folder: string
  /** Origin of a bucket that images are fetched from, beside the gateway itself. */
  readonly imageOrigin?: string
}

/**
 * The dashboard: its files, whose names change with their content, and index.html for every other address that a
 * browser opens (the page finds its way by itself). A new build is served at once.
 */
export async function pageRoutes(app: FastifyInstance, { folder, imageOrigin }: Pages): Promise<void> {
  const files = { index: false, preCompressed: true, maxAge: '365d', immutable: true } as const
  // looked up at each request: the next build has other names
  await app.register(fastifyStatic, {
    ...files,
    root: join(folder, 'assets'),
    prefix: '/assets/',
    allowedPath: (path) => !path.includes('..'), // otherwise the answer would tell that there is something
  })
  await app.register(fastifyStatic, {
    ...files,
    root: folder,
    wildcard: false,
    globIgnore: ['index.html', 'assets/**'],
    decorateReply: false,
  })
  app.get('/*', async (request, reply) => {
    if (wantsPage(request)) return sendIndex(await readIndex(folder), imageOrigin, reply)
    return reply.callNotFound()
  })
}

/** @throws GraphQLError SERVICE_UNAVAILABLE while a build replaces it */
async function readIndex(folder: string): Promise<string> {
  const path = join(folder, 'index.html')
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new GraphQLError(
      `the dashboard is not at ${path}: while it is being built, reload in a moment; otherwise build it with \`npm run build -w web\``,
      { extensions: { code: 'SERVICE_UNAVAILABLE' } },
    )
  }
}

function wantsPage({ url, headers }: FastifyRequest): boolean {
  return !/^\/(files|graphql|session|assets)\b/.test(url) && /text\/html/.test(headers.accept ?? '')
}

function sendIndex(index: string, imageOrigin: string | undefined, reply: FastifyReply): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  return reply
    .header('content-security-policy', contentSecurityPolicy(nonce, imageOrigin))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(index.replaceAll(NONCE, nonce))
}

/** Nothing from anywhere but here, and images from a bucket; styles that scripts insert bear the nonce. */
function contentSecurityPolicy(nonce: string, imageOrigin: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    ["img-src 'self' blob: data:", imageOrigin].filter(Boolean).join(' '),
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
