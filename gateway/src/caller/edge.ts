import { CALLER_HEADER, verifyIdentity, type Caller } from '@ymir/graphql'
import type { FastifyRequest } from 'fastify'
import { unauthenticated, type Authenticator } from './authenticator.ts'
import { isOwnPage } from './own-page.ts'

/** The part of a request that says who sends it, and from where. */
export type Credentials = Pick<FastifyRequest, 'method' | 'url' | 'headers' | 'rawBody' | 'ip'>

export const SESSION_COOKIE = 'ymir_session'

/** Who sends a request from outside, or a service of the platform that asks the graph. */
export class Edge {
  constructor(
    readonly authenticator: Authenticator,
    private readonly secret: string,
    /** Origins of other web pages that may use the session cookie. */
    private readonly corsOrigins: readonly string[],
  ) {}

  /**
   * By `Authorization: Bearer <session token, API key or vendor's token>`; services by their signature. Nothing given: nobody, who may
   * sign up and sign in. The session cookie counts for our own pages only, so no other page can act in a user's name;
   * one that is void is as none.
   * @throws DomainError UNAUTHENTICATED (401) for a token or signature that is not valid
   */
  async callerOf(request: Credentials): Promise<Caller> {
    const signature = request.headers[CALLER_HEADER]
    if (signature !== undefined) return this.serviceOf(String(signature), request)
    const token = bearerToken(request.headers.authorization)
    if (token !== undefined) return this.holderOf(token, request)
    const kept = isOwnPage(request.headers, this.corsOrigins) && sessionCookie(request.headers.cookie)
    const found = kept ? await this.authenticator.whoHas(kept) : undefined
    return found ? { ...found.caller, address: request.ip } : { kind: 'nobody', address: request.ip }
  }

  /** As `callerOf`, and by the session cookie: for reading files, since a page's <img> cannot send a header. */
  async readerOf(request: Credentials): Promise<Caller> {
    const caller = await this.callerOf(request)
    const token = sessionCookie(request.headers.cookie)
    if (caller.kind !== 'nobody' || !token) return caller
    return this.userOf(token, request)
  }

  private async holderOf(token: string, { ip }: Credentials): Promise<Caller> {
    const { caller } = await this.authenticator.requireHolder(token)
    return { ...caller, address: ip }
  }

  private async userOf(token: string, { ip }: Credentials): Promise<Caller> {
    const { caller } = await this.authenticator.require(token)
    return { ...caller, address: ip }
  }

  private serviceOf(signature: string, { method, url, rawBody }: Credentials): Caller {
    const caller = verifyIdentity(signature, { method, path: url, body: rawBody ?? '' }, this.secret)
    if (caller?.kind === 'service') return caller
    throw unauthenticated(`${CALLER_HEADER} is for the platform's services only`)
  }
}

/** @throws DomainError UNAUTHENTICATED when the header is there and no bearer token */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const token = /^Bearer +(\S+) *$/i.exec(header)?.[1]
  if (token) return token
  throw unauthenticated('send a session token or API key as `Authorization: Bearer ...`')
}

export function sessionCookie(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  const prefix = `${SESSION_COOKIE}=`
  // tokens have no sign that a cookie would have to escape
  return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
}
