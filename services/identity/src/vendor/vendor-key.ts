import { randomUUID } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import { hashToken, kindOfToken, newToken } from '../session/token.ts'
import { VendorKey } from './vendor-key.entity.ts'

/**
 * Makes a vendor's token. The earlier ones are good for some time yet, so that the vendor can change them without a gap.
 * @param earlierSeconds 0: they end at once
 * @returns the token, which is told once, here
 */
export async function issueVendorKey(
  database: DataSource,
  { vendorId, earlierSeconds, actorId }: { vendorId: string; earlierSeconds: number; actorId: string },
): Promise<string> {
  const { token, sha256 } = newToken('vendor')
  await database.transaction(async (manager) => {
    await endKeys(manager, vendorId, earlierSeconds)
    await manager.insert(VendorKey, { id: randomUUID(), vendorId, tokenSha256: sha256, expiresAt: null })
    await note(manager, { actorId, action: 'issueVendorKey', about: vendorId, details: { earlierSeconds } })
  })
  return token
}

/** Ends all tokens of a vendor. */
export async function revokeVendorKeys(
  database: DataSource,
  { vendorId, actorId }: { vendorId: string; actorId: string },
): Promise<void> {
  await database.transaction(async (manager) => {
    await manager.delete(VendorKey, { vendorId })
    await note(manager, { actorId, action: 'revokeVendorKeys', about: vendorId })
  })
}

/** Whose token it is; null when it is unknown, expired, revoked or no vendor's. */
export async function findVendorOfToken(
  { manager }: DataSource,
  token: string,
): Promise<Pick<VendorKey, 'vendorId' | 'expiresAt'> | null> {
  if (kindOfToken(token) !== 'vendor') return null
  const key = await manager.findOneBy(VendorKey, { tokenSha256: hashToken(token) })
  return key && (!key.expiresAt || key.expiresAt > new Date()) ? key : null
}

async function endKeys(manager: EntityManager, vendorId: string, seconds: number): Promise<void> {
  await manager.query(
    `update vendor_keys set expires_at = least(expires_at, now() + make_interval(secs => $2)) where vendor_id = $1`,
    [vendorId, seconds],
  )
  await manager.query(`delete from vendor_keys where vendor_id = $1 and expires_at <= now()`, [vendorId])
}
