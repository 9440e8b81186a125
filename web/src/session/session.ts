import { client } from '../graph/client.ts'

/** A refusal of the gateway, in its own words. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly field?: string,
  ) {
    super(message)
  }
}

export interface NewAccount {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** Opens a session, kept in a cookie that no script can read. @throws Refused */
export async function signIn(signIn: { email: string; password: string }): Promise<void> {
  await openSession({ signIn })
}

/** Makes an account and opens a session. @throws Refused */
export async function signUp(signUp: NewAccount): Promise<void> {
  await openSession({ signUp })
}

/** Ends the session; what the page knew is forgotten. */
export async function signOut(): Promise<void> {
  await fetch('/session', { method: 'DELETE' })
  location.assign('/')
}

async function openSession(body: object): Promise<void> {
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw await refusalOf(answer)
  await client.resetStore()
}

interface Refusal {
  errors?: { message: string; extensions?: { code?: string; field?: string } }[]
}

async function refusalOf(answer: Response): Promise<Refused> {
  const { errors } = (await answer.json().catch(() => ({}))) as Refusal // http.ts of the gateway gives the shape
  const [first] = errors ?? []
  return new Refused(
    first?.message ?? answer.statusText,
    first?.extensions?.code ?? 'INTERNAL',
    first?.extensions?.field,
  )
}
