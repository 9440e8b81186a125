import { DomainError } from '@ymir/graphql'
import type { DataSource } from 'typeorm'

/** How many attempts about one thing (an e-mail, an address) are let through within the window. */
export interface Limit {
  readonly about: string
  readonly attempts: number
}

export const windowMinutes = 15

/**
 * Ten guesses a quarter of an hour make 350,000 a year, too few for a password of ten characters; a person who forgot
 * theirs seldom needs as many. Many people may share an address.
 */
export function limitsOf(email: string, address: string | undefined): Limit[] {
  return [{ about: `email ${email}`, attempts: 10 }, ...limitsOfAddress(address)]
}

export function limitsOfAddress(address: string | undefined): Limit[] {
  return address ? [{ about: `address ${address}`, attempts: 100 }] : []
}

/**
 * Counts an attempt before it is made, so that many at once do not slip through.
 * @throws DomainError RATE_LIMITED with the seconds to wait; such attempts do not count
 */
export async function countAttempt(database: DataSource, limits: readonly Limit[]): Promise<void> {
  for (const { about, attempts } of limits) {
    const [mine] = (await database.query('insert into attempts (about) values ($1) returning position', [
      about,
    ])) as [{ position: string }] // one row in, one row back
    const before: { position: string; seconds_left: number }[] = await database.query(
      `select position, ceil(extract(epoch from attempted_at + $2::interval - clock_timestamp()))::int as seconds_left
       from attempts where about = $1 and position < $3 and attempted_at > clock_timestamp() - $2::interval
       order by position desc limit $4`,
      [about, `${windowMinutes} minutes`, mine.position, attempts],
    )
    if (before.length < attempts) continue
    await database.query('delete from attempts where position = $1', [mine.position])
    throw rateLimited(Math.max(1, before.at(-1)?.seconds_left ?? 1))
  }
}

/** After success the e-mail starts afresh; its address does not, else an own account would reset a guesser's count. */
export async function forgetAttempts(database: DataSource, email: string): Promise<void> {
  await database.query(
    `delete from attempts where about = $1 or attempted_at < clock_timestamp() - $2::interval`,
    [`email ${email}`, `${windowMinutes} minutes`],
  )
}

function rateLimited(retryAfterSeconds: number): DomainError {
  const minutes = Math.ceil(retryAfterSeconds / 60)
  return new DomainError(
    'RATE_LIMITED',
    `too many attempts; try again in ${minutes} minute${minutes === 1 ? '' : 's'}`,
    { retryAfterSeconds },
  )
}
