import { expect, test } from 'vitest'
import { Authenticator } from './authenticator.ts'

test('what is known of a user is forgotten even while identity is slow about someone else', async () => {
  const asked: string[] = []
  let answerSlow = () => {}
  const authenticator = new Authenticator({
    ask: async (_query, variables) => {
      const { token } = variables as { token: string }
      asked.push(token)
      if (token === 'slow') await new Promise<void>((resolve) => (answerSlow = resolve))
      const user = { id: token, role: 'MEMBER' }
      return { data: { caller: { user, scopes: [], memberships: [], expiresAt: null } } }
    },
  })
  const slow = authenticator.whoHas('slow')
  await authenticator.whoHas('ada')

  const forgotten = authenticator.forget('ada')
  await new Promise((resolve) => setImmediate(resolve))
  await authenticator.whoHas('ada')
  answerSlow()
  await Promise.all([slow, forgotten])

  expect(asked).toEqual(['slow', 'ada', 'ada'])
})
