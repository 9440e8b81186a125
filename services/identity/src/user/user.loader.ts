import { isUUID } from 'class-validator'
import { In } from 'typeorm'
import type { IdentityContext } from '../context.ts'
import { User } from './user.entity.ts'

/** Users by id, one query for all that a request asks for; null for an id that is nobody's, e.g. of an act of the platform. */
export function usersById({ loader, database }: IdentityContext) {
  return loader('user', async (ids: readonly string[]) => {
    const found = await database.manager.findBy(User, { id: In(ids.filter((id) => isUUID(id))) })
    const byId = new Map(found.map((user) => [user.id, user]))
    return ids.map((id) => byId.get(id) ?? null)
  })
}
