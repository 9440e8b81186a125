import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIfThere } from '../home.ts'
import { UsageError } from '../usage-error.ts'
import { Refused, type ApiClient } from './client.ts'

interface Account {
  readonly email: string
  readonly password: string
}

const signIn = /* GraphQL */ `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      token
    }
  }
`
const signUp = /* GraphQL */ `
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      token
    }
  }
`

/**
 * A client that is signed in: with YMIR_TOKEN, with the account that an earlier demo made, or with a new one, which is
 * the administrator's when nobody signed up before. The account is kept in YMIR_HOME/secrets/demo-account.json.
 */
export async function signedIn(client: ApiClient, home: string): Promise<ApiClient> {
  if (process.env.YMIR_TOKEN) return client.withToken(process.env.YMIR_TOKEN)
  const file = join(home, 'secrets', 'demo-account.json')
  const known = readIfThere(file)
  if (known) {
    const account = JSON.parse(known) as Account // written below
    try {
      const { signIn: session } = await client.ask<{ signIn: { token: string } }>(signIn, { input: account })
      return client.withToken(session.token)
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'WRONG_CREDENTIALS') throw error
    }
  }
  const account = { email: 'demo@ymir.example', password: randomBytes(12).toString('base64url') }
  try {
    const { signUp: session } = await client.ask<{ signUp: { token: string } }>(signUp, {
      input: { ...account, name: 'Demo' },
    })
    writeFileSync(file, JSON.stringify(account), { mode: 0o600 })
    console.log(`Signed up as ${account.email} (password in ${file})`)
    return client.withToken(session.token)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    throw new UsageError(
      `cannot sign up for the demo: ${error.message}; give an API key or session token in YMIR_TOKEN`,
    )
  }
}
