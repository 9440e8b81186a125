import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Someone's role in the workspace. */
export type Role = 'ADMINISTRATOR' | 'MEMBER'
/** Someone's role in a project; each may what the following may. */
export type ProjectRole = 'OWNER' | 'EDITOR' | 'ANNOTATOR' | 'VIEWER'

export interface UserCaller {
  readonly kind: 'user'
  readonly userId: string
  readonly role: Role
  /** What the token is good for: read, write, label. A session has all. */
  readonly scopes: readonly string[]
  readonly memberships: Readonly<Record<string, ProjectRole>>
  /** The session, when the token is one; an API key has none. */
  readonly sessionId?: string
}

/** A labelling vendor: as nobody, but to what asks for a vendor, so it sees nothing beside its tasks. */
export interface VendorCaller {
  readonly kind: 'vendor'
  readonly vendorId: string
}

/** Who stands behind a request. */
export type Caller = (
  | UserCaller
  | VendorCaller
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'nobody' }
) & {
  /** Network address of the client as the gateway saw it; sign-in limits attempts by it. */
  readonly address?: string
}

/** Between the processes of one platform this header says who asks; clients cannot set it. */
export const CALLER_HEADER = 'x-ymir-caller'

/** What a signature is good for: this request, soon. */
export interface SignedRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly body: Uint8Array | string
}

interface Claims extends Pick<SignedRequest, 'method' | 'path'> {
  readonly caller: Caller
  readonly bodySha256: string
  /** Unix milliseconds. */
  readonly signedAt: number
}

const longestAgeMs = 60_000

/**
 * Signs who asks and what, for `CALLER_HEADER`: base64url of the claims, a dot, base64url of their HMAC-SHA-256.
 */
export function signIdentity(caller: Caller, { method, path, body }: SignedRequest, secret: string): string {
  const claims: Claims = { caller, method, path, bodySha256: sha256(body), signedAt: Date.now() }
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${text}.${hmac(text, secret).toString('base64url')}`
}

/**
 * Who asks, if the header was signed with this secret for this very request at most a minute ago; else undefined.
 */
export function verifyIdentity(
  header: string | undefined,
  request: SignedRequest,
  secret: string,
): Caller | undefined {
  const [text, signature] = header?.split('.') ?? []
  if (!text || !signature) return undefined
  const given = Buffer.from(signature, 'base64url')
  const expected = hmac(text, secret)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims // only we can have signed it
  const fits =
    claims.method === request.method &&
    claims.path === request.path &&
    claims.bodySha256 === sha256(request.body) &&
    Math.abs(Date.now() - claims.signedAt) < longestAgeMs
  return fits ? claims.caller : undefined
}

const sha256 = (body: Uint8Array | string) => createHash('sha256').update(body).digest('hex')
const hmac = (text: string, secret: string) => createHmac('sha256', secret).update(text).digest()
