import { randomUUID } from 'node:crypto'
import { DomainError, notFound } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import { newToken } from '../session/token.ts'
import { ApiKey } from './key.entity.ts'

export const scopes = ['read', 'write', 'label'] as const

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | null
}

const mostKeys = 100

/**
 * Makes an API key for a user. The token is told once, here.
 * @throws DomainError BAD_USER_INPUT when it would be expired at once, CONFLICT when the user has too many
 */
export async function createApiKey(
  database: DataSource,
  userId: string,
  input: NewApiKey,
): Promise<{ apiKey: ApiKey; token: string }> {
  if (input.expiresAt && input.expiresAt <= new Date())
    throw new DomainError('BAD_USER_INPUT', 'expiresAt lies in the past', { field: 'expiresAt' })
  const { token, sha256 } = newToken('key')
  return database.transaction(async (manager) => {
    if ((await manager.countBy(ApiKey, { userId })) >= mostKeys)
      throw new DomainError('CONFLICT', `you have ${mostKeys} API keys already; revoke one first`)
    const apiKey = manager.create(ApiKey, {
      id: randomUUID(),
      userId,
      name: input.name.trim(),
      scopes: scopes.filter((scope) => input.scopes.includes(scope)),
      tokenSha256: sha256,
      createdAt: new Date(),
      expiresAt: input.expiresAt,
      lastUsedAt: null,
    })
    await manager.insert(ApiKey, apiKey)
    await note(manager, {
      actorId: userId,
      action: 'createApiKey',
      about: apiKey.id,
      details: { scopes: apiKey.scopes },
    })
    return { apiKey, token }
  })
}

/** @throws DomainError NOT_FOUND when the user has no such key */
export async function revokeApiKey(database: DataSource, userId: string, id: string): Promise<ApiKey> {
  return database.transaction(async (manager) => {
    const apiKey = await manager.findOneBy(ApiKey, { id, userId })
    if (!apiKey) throw notFound('API key', id)
    await manager.delete(ApiKey, { id })
    await note(manager, { actorId: userId, action: 'revokeApiKey', about: id })
    return apiKey
  })
}
