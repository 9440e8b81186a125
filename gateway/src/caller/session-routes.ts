import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unauthenticated, type Authenticator } from './authenticator.ts'
import { SESSION_COOKIE } from './edge.ts'

/**
 * POST /session { token } keeps a session token in a cookie that scripts cannot read, so that a browser can load images
 * and open subscriptions; DELETE /session removes it. The cookie counts for nothing else.
 */
export function sessionRoutes(app: FastifyInstance, authenticator: Authenticator): void {
  app.post('/session', async (request, reply) => {
    const { token } = (request.body ?? {}) as { token?: unknown } // checked in the next line
    if (typeof token !== 'string' || !token)
      throw unauthenticated('POST /session needs { "token": "..." }: sign in with the mutation signIn first')
    const { expiresAt } = await authenticator.require(token)
    return reply
      .code(204)
      .header('set-cookie', cookie(request, token, secondsUntil(expiresAt)))
      .send()
  })

  app.delete('/session', (request, reply) =>
    reply
      .code(204)
      .header('set-cookie', cookie(request, '', 0))
      .send(),
  )
}

function cookie(request: FastifyRequest, value: string, seconds: number): string {
  const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`
}

const longestSeconds = 365 * 24 * 60 * 60

function secondsUntil(time: number): number {
  return Math.max(0, Math.min(longestSeconds, Math.floor((time - Date.now()) / 1000)))
}
