import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { DomainError } from '@ymir/graphql'

interface Cost {
  /** log2 of scrypt's N. */
  readonly logN: number
  readonly r: number
  readonly p: number
}

/**
 * 32 MiB a hash. One of the equally strong settings of the OWASP Password Storage Cheat Sheet (scrypt: N=2^15, r=8,
 * p=3), chosen for its memory, so that a few people may sign in at once on a small machine.
 */
const cost: Cost = { logN: 15, r: 8, p: 3 }
const saltBytes = 16
const hashBytes = 32

export const shortestPassword = 10
export const longestPassword = 200

/** @throws DomainError WEAK_PASSWORD that says what a good one is */
export function checkPassword(password: string, email: string): void {
  const length = [...password].length
  if (length < shortestPassword)
    throw weak(`it has ${length} characters; use at least ${shortestPassword}, a few words are good`)
  if (length > longestPassword) throw weak(`it has ${length} characters; use at most ${longestPassword}`)
  if (new Set(password).size < 4) throw weak('it repeats too few characters; a few words are good')
  if (password.trim().toLowerCase() === email) throw weak('it is your e-mail address; use another')
}

/** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`: the cost stands beside the hash, so that it can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, cost)
  return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** Whether a password belongs to a hash; compares in constant time. */
export async function isPasswordOf(stored: string, password: string): Promise<boolean> {
  const [kind, logN, r, p, salt, hash] = stored.split('$')
  if (kind !== 'scrypt' || !salt || !hash) throw new Error('a password hash is not of our making')
  const expected = Buffer.from(hash, 'base64')
  const given = await derive(password, Buffer.from(salt, 'base64'), {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
  })
  return timingSafeEqual(expected, given)
}

/** Takes as long as a real check and fails: whether someone has signed up must not be told by the clock. */
export async function checkNobodysPassword(password: string): Promise<false> {
  await derive(password, Buffer.alloc(saltBytes), cost)
  return false
}

function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN
  const maxmem = 128 * N * r * 2 // scrypt needs 128 N r bytes and a little; Node allows 32 MiB by default
  return new Promise((resolve, reject) =>
    // the same characters may be typed composed or not (NIST SP 800-63B, 5.1.1.2)
    scrypt(password.normalize('NFKC'), salt, hashBytes, { N, r, p, maxmem }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  )
}

function weak(why: string): DomainError {
  return new DomainError('WEAK_PASSWORD', `this password is too easy to guess: ${why}`, { field: 'password' })
}
