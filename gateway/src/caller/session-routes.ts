import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '@ymir/graphql'
import { z } from 'zod'
import type { Graph } from '../graph/graph.ts'
import type { Authenticator } from './authenticator.ts'
import { SESSION_COOKIE, sessionCookie } from './edge.ts'
import { isOwnPage } from './own-page.ts'

const words = z.string().max(1_000)
const Body = z.union([
  z.object({ token: words.min(1) }),
  z.object({ signIn: z.object({ email: words, password: words }) }),
  z.object({ signUp: z.object({ name: words, email: words, password: words }) }),
])

interface Session {
  readonly token: string
  readonly expiresAt: number
}

/**
 * POST /session keeps a session in a cookie that scripts cannot read: `{ signIn: { email, password } }` or `{ signUp:
 * { name, email, password } }` open one, so that a page never holds a token, and `{ token }` keeps one that is open.
 * DELETE /session ends it. The cookie counts for pages of our own (own-page.ts) and for reading files.
 */
export function sessionRoutes(
  app: FastifyInstance,
  authenticator: Authenticator,
  graph: Pick<Graph, 'query'>,
  corsOrigins: readonly string[],
): void {
  app.post('/session', async (request, reply) => {
    const body = Body.safeParse(request.body)
    if (!body.success)
      throw new DomainError(
        'BAD_USER_INPUT',
        'POST /session needs { "signIn": { "email", "password" } }, { "signUp": { "name", "email", "password" } } or { "token" }',
      )
    // else another page could put its reader into a session of its own choosing
    if (request.headers.origin && !isOwnPage(request.headers, corsOrigins))
      throw new DomainError('FORBIDDEN', `pages of ${request.headers.origin} may not open sessions here`)
    return keep(await sessionOf(body.data, request), request, reply)
  })

  app.delete('/session', async (request, reply) => {
    const token = sessionCookie(request.headers.cookie)
    const found =
      token && isOwnPage(request.headers, corsOrigins) ? await authenticator.whoHas(token) : undefined
    if (found) await graph.query('mutation { signOut }', {}, { caller: found.caller })
    if (found) await authenticator.forget(found.caller.userId)
    return reply
      .code(204)
      .header('set-cookie', cookie(request, '', 0))
      .send()
  })

  async function sessionOf(body: z.infer<typeof Body>, { ip }: FastifyRequest): Promise<Session> {
    if ('token' in body) {
      const { expiresAt } = await authenticator.require(body.token)
      return { token: body.token, expiresAt }
    }
    const [mutation, kind, input] =
      'signIn' in body
        ? (['signIn', 'SignInInput', body.signIn] as const)
        : (['signUp', 'SignUpInput', body.signUp] as const)
    const text = `mutation Open($input: ${kind}!) { opened: ${mutation}(input: $input) { token expiresAt } }`
    const { opened } = await graph.query<{ opened: unknown }>(
      text,
      { input },
      { caller: { kind: 'nobody', address: ip } },
    )
    const { token, expiresAt } = Opened.parse(opened)
    return { token, expiresAt: Date.parse(expiresAt) }
  }
}

const Opened = z.object({ token: z.string(), expiresAt: z.string() })

function keep({ token, expiresAt }: Session, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header('set-cookie', cookie(request, token, secondsUntil(expiresAt)))
    .send()
}

function cookie(request: FastifyRequest, value: string, seconds: number): string {
  const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`
}

const longestSeconds = 365 * 24 * 60 * 60

function secondsUntil(time: number): number {
  return Math.max(0, Math.min(longestSeconds, Math.floor((time - Date.now()) / 1000)))
}
