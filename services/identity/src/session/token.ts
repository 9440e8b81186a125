import { createHash, randomBytes } from 'node:crypto'

/**
 * What a token opens: a session (someone at a keyboard), an API key (a program), a vendor's tasks. The prefix tells leak
 * scanners.
 */
export type TokenKind = 'session' | 'key' | 'vendor'

const prefixes: Readonly<Record<TokenKind, string>> = {
  session: 'ymir_s_',
  key: 'ymir_k_',
  vendor: 'ymir_v_',
}
const kinds = ['session', 'key', 'vendor'] as const satisfies readonly TokenKind[]
const secretBytes = 32

/** A token of 256 random bits, and the SHA-256 under which it is stored: a copy of the database opens nothing. */
export function newToken(kind: TokenKind): { token: string; sha256: Buffer } {
  const token = prefixes[kind] + randomBytes(secretBytes).toString('base64url')
  return { token, sha256: hashToken(token) }
}

/** One round suffices: unlike a password, 256 random bits cannot be guessed. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** What a token claims to be, or undefined when it is not one of ours. */
export function kindOfToken(token: string): TokenKind | undefined {
  const [, letter] = /^ymir_([skv])_[A-Za-z0-9_-]{43}$/.exec(token) ?? []
  return kinds.find((kind) => prefixes[kind] === `ymir_${letter}_`)
}
