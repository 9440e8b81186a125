import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What stands in the built index.html for the nonce of one answer (web/vite.config.ts). */
const NONCE = '__CSP_NONCE__'

/**
 * The dashboard: its files, whose names change with their content, and index.html for every other address that a
 * browser opens (the page finds its way by itself).
 */
export async function pageRoutes(app: FastifyInstance, folder: string): Promise<void> {
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: true,
    maxAge: '365d',
    immutable: true,
    globIgnore: ['index.html'],
  })
  app.get('/*', (request, reply) => {
    if (wantsPage(request)) return sendIndex(index, reply)
    return reply.callNotFound()
  })
}

function wantsPage({ url, headers }: FastifyRequest): boolean {
  return !/^\/(files|graphql|session|assets)\b/.test(url) && /text\/html/.test(headers.accept ?? '')
}

function sendIndex(index: string, reply: FastifyReply): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  return reply
    .header('content-security-policy', contentSecurityPolicy(nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(index.replaceAll(NONCE, nonce))
}

/** Nothing from anywhere but here; styles that scripts insert bear the nonce. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
