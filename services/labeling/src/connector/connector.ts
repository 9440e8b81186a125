import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { DomainError, notFound } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import type { DataSource } from 'typeorm'
import { httpAddress } from '../vendor/outward.ts'
import { VendorRow } from '../vendor/vendor.entity.ts'
import { ConnectorRow, ConnectorTaskRow, type LabellingTool } from './connector.entity.ts'
import { askToLook } from './due.ts'
import { ToolProblem } from './tool.ts'
import { toolOf, type Reach } from './tools.ts'

const secretBytes = 32
const checkPatienceMs = 15_000

export interface Connection {
  readonly vendorId: string
  readonly tool: LabellingTool
  readonly url: string
  readonly token: string
  readonly organization: string | null
  readonly platformUrl: string | null
}

/**
 * Has a vendor work in a labelling tool from now on, instead of the one before. The same tool at the same place again is
 * another token for it: what is there goes on.
 * @throws DomainError BAD_USER_INPUT when an address is none or the tool does not answer as it should, NOT_FOUND, CONFLICT
 */
export async function connectVendor(
  { database, ...reach }: Reach & { readonly database: DataSource },
  { vendorId, token, ...input }: Connection,
): Promise<VendorRow> {
  const { cipher } = reach
  const place = { ...input, url: checkAddress('url', input.url) }
  const platformUrl = input.platformUrl === null ? null : checkAddress('platformUrl', input.platformUrl)
  if (place.organization !== null && place.tool !== 'CVAT')
    throw wrong('organization', 'only CVAT has organizations: leave it out')
  const sealed = cipher.encrypt(token)
  await toolOf({ ...place, token: sealed }, { ...reach, signal: AbortSignal.timeout(checkPatienceMs) })
    .check()
    .catch((error: unknown) => {
      if (!(error instanceof ToolProblem)) throw error
      throw wrong(error.status === 401 || error.status === 403 ? 'token' : 'url', error.message)
    })
  return database.transaction(async (manager) => {
    const vendor = await manager.findOne(VendorRow, {
      where: { id: vendorId },
      lock: { mode: 'pessimistic_write' },
    })
    if (!vendor) throw notFound('vendor', vendorId)
    if (vendor.closedAt)
      throw new DomainError('CONFLICT', `vendor "${vendor.name}" is closed: make another one`)
    const known = await manager.findOneBy(ConnectorRow, { vendorId })
    const { tool, url, organization } = place
    const isSame = known?.tool === tool && known.url === url && known.organization === organization
    if (known && isSame) {
      await manager.update(ConnectorRow, known.id, { token: sealed, platformUrl })
      const again = {
        nextLookAt: new Date(),
        ...(known.platformUrl === platformUrl ? {} : { isHooked: false }),
      }
      await manager.update(ConnectorTaskRow, { connectorId: known.id }, again)
      return vendor
    }
    await manager.delete(ConnectorRow, { vendorId })
    const secret = cipher.encrypt(randomBytes(secretBytes).toString('hex'))
    const row = { id: randomUUID(), vendorId, tool, url, organization, platformUrl, token: sealed, secret }
    await manager.insert(ConnectorRow, row)
    return vendor
  })
}

/** Forgets a vendor's tool and our token for it. What is in the tool stays there as it is. */
export async function disconnectVendor(database: DataSource, vendorId: string): Promise<void> {
  await database.getRepository(ConnectorRow).delete({ vendorId })
}

/** What came to the door of a tool. */
export interface Call {
  readonly vendorId: string
  readonly tool: LabellingTool
  /** As it came: Label Studio's header with the secret, or CVAT's signature `sha256=...` of the body. */
  readonly proof: string
  readonly body: Buffer
}

/**
 * Hears that something is new in a tool. Nothing of the call is believed but that it is the tool: what is new is asked there.
 * @returns whether it is the tool
 */
export async function hearTool(
  { database, cipher }: Pick<Reach, 'cipher'> & { readonly database: DataSource },
  { vendorId, tool, proof, body }: Call,
): Promise<boolean> {
  if (!isUUID(vendorId)) return false
  const connector = await database.getRepository(ConnectorRow).findOneBy({ vendorId, tool })
  if (!connector) return false
  const secret = cipher.decrypt(connector.secret)
  if (!isEqual(proof, tool === 'CVAT' ? signatureOf(body, secret) : secret)) return false
  await askToLook(database, { connectorId: connector.id })
  return true
}

/** `X-Signature-256` of CVAT's webhooks: HMAC-SHA256 of the body (docs.cvat.ai/docs/administration/advanced/webhooks). */
export function signatureOf(body: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

/** In a time that tells nothing of either. */
function isEqual(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}

/** @returns the address without what comes after its path */
function checkAddress(field: string, text: string): string {
  const url = httpAddress(text)
  if (!url) throw wrong(field, `${field} is not an http or https address without a name and password in it`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function wrong(field: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', problem, { field })
}
