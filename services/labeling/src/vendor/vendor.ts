import { randomUUID } from 'node:crypto'
import { DomainError, notFound, type GraphClient } from '@ymir/graphql'
import { QueryFailedError, type DataSource } from 'typeorm'
import { ConnectorRow } from '../connector/connector.entity.ts'
import { newNatsKeys } from './nats-users.ts'
import { httpAddress } from './outward.ts'
import { newWebhookSecret } from './signature.ts'
import { VendorRow } from './vendor.entity.ts'
import type { VendorDoors } from './vendor-doors.ts'

/** What the commands on vendors work with. */
export interface VendorParts {
  readonly database: DataSource
  readonly graph: Pick<GraphClient, 'query'>
  readonly vendorDoors: Pick<VendorDoors, 'cipher' | 'open' | 'shut'>
}

export interface NewVendor {
  readonly projectId: string
  readonly name: string
  readonly webhookUrl: string | null
  /** Whether it gets a user of NATS. */
  readonly nats: boolean
  readonly createdBy: string
}

/** What a vendor needs to come in; told once. */
export interface VendorSecrets {
  readonly token: string | null
  readonly webhookSecret: string | null
  readonly natsSeed: string | null
}

const none: VendorSecrets = { token: null, webhookSecret: null, natsSeed: null }

/** How long what was renewed is good beside the new. */
export const usualOverlapSeconds = 86_400

/** @throws DomainError CONFLICT when the project has a vendor of that name, BAD_USER_INPUT for a wrong address */
export async function createVendor(
  { database, graph, vendorDoors }: VendorParts,
  { nats, webhookUrl, ...input }: NewVendor,
): Promise<{ vendor: VendorRow; secrets: VendorSecrets }> {
  const webhookSecret = newWebhookSecret()
  const keys = nats ? newNatsKeys() : undefined
  const { manager } = database
  const vendor = manager.create(VendorRow, {
    id: randomUUID(),
    ...input,
    webhookUrl: checkWebhookUrl(webhookUrl),
    webhookProblem: null,
    webhookSecret: vendorDoors.cipher.encrypt(webhookSecret),
    earlierSecret: null,
    earlierSecretUntil: null,
    natsKey: keys?.publicKey ?? null,
    closedAt: null,
  })
  const saved = await manager.save(vendor).catch(sayNameIsTaken)
  if (keys) await vendorDoors.open(saved.id)
  const token = await issueToken(graph, saved.id, 0)
  return { vendor: saved, secrets: { token, webhookSecret, natsSeed: keys?.seed ?? null } }
}

/** Another address, or none; what was disabled is used again. @throws DomainError BAD_USER_INPUT */
export async function setWebhook(
  { database }: VendorParts,
  id: string,
  url: string | null,
): Promise<VendorRow> {
  const webhookUrl = checkWebhookUrl(url)
  return changeVendor(database, id, (vendor) => Object.assign(vendor, { webhookUrl, webhookProblem: null }))
}

/** A new token; the earlier ones are good for some time yet. @param overlapSeconds 0: they end at once */
export async function renewVendorToken(
  { database, graph }: VendorParts,
  id: string,
  overlapSeconds: number,
): Promise<{ vendor: VendorRow; secrets: VendorSecrets }> {
  const vendor = await changeVendor(database, id, () => {})
  return { vendor, secrets: { ...none, token: await issueToken(graph, id, overlapSeconds) } }
}

/** A new secret for webhooks; the earlier one signs beside it for some time yet. */
export async function renewWebhookSecret(
  { database, vendorDoors }: VendorParts,
  id: string,
  overlapSeconds: number,
): Promise<{ vendor: VendorRow; secrets: VendorSecrets }> {
  const webhookSecret = newWebhookSecret()
  const vendor = await changeVendor(database, id, (one) => {
    const earlierSecretUntil = new Date(Date.now() + overlapSeconds * 1_000)
    Object.assign(one, { earlierSecret: one.webhookSecret, earlierSecretUntil })
    one.webhookSecret = vendorDoors.cipher.encrypt(webhookSecret)
  })
  return { vendor, secrets: { ...none, webhookSecret } }
}

/** A user of NATS, or for one that has it another key; the earlier key ends at once. */
export async function renewNatsKey(
  { database, vendorDoors }: VendorParts,
  id: string,
): Promise<{ vendor: VendorRow; secrets: VendorSecrets }> {
  const { seed, publicKey } = newNatsKeys()
  const vendor = await changeVendor(database, id, (one) => (one.natsKey = publicKey))
  await vendorDoors.open(id)
  return { vendor, secrets: { ...none, natsSeed: seed } }
}

/** Takes all access from a vendor, for ever. Its tasks stay its own until they are moved. */
export async function closeVendor(
  { database, graph, vendorDoors }: VendorParts,
  id: string,
): Promise<VendorRow> {
  await graph.query(revokeMutation, { input: { vendorId: id } })
  await database.getRepository(ConnectorRow).delete({ vendorId: id }) // its token for the tool is kept no longer
  const vendor = await changeVendor(database, id, (one) => {
    Object.assign(one, { closedAt: new Date(), natsKey: null, webhookUrl: null })
  })
  await vendorDoors.shut(id)
  return vendor
}

async function changeVendor(
  database: DataSource,
  id: string,
  change: (vendor: VendorRow) => void,
): Promise<VendorRow> {
  return database.transaction(async (manager) => {
    const vendor = await manager.findOne(VendorRow, { where: { id }, lock: { mode: 'pessimistic_write' } })
    if (!vendor) throw notFound('vendor', id)
    if (vendor.closedAt)
      throw new DomainError('CONFLICT', `vendor "${vendor.name}" is closed: make another one`)
    change(vendor)
    return manager.save(vendor)
  })
}

const issueMutation = /* GraphQL */ `
  mutation IssueVendorKey($input: IssueVendorKeyInput!) {
    issueVendorKey(input: $input) {
      token
    }
  }
`

const revokeMutation = /* GraphQL */ `
  mutation RevokeVendorKeys($input: RevokeVendorKeysInput!) {
    revokeVendorKeys(input: $input) {
      vendorId
    }
  }
`

async function issueToken(
  graph: VendorParts['graph'],
  vendorId: string,
  earlierSeconds: number,
): Promise<string> {
  const { issueVendorKey } = await graph.query<{ issueVendorKey: { token: string } }>(issueMutation, {
    input: { vendorId, earlierSeconds },
  })
  return issueVendorKey.token
}

function checkWebhookUrl(text: string | null): string | null {
  if (text === null) return null
  const url = httpAddress(text)
  if (url) return url.href
  throw new DomainError(
    'BAD_USER_INPUT',
    'webhookUrl is not an http or https address without a name and password in it',
    { field: 'webhookUrl' },
  )
}

const uniqueViolation = '23505'

function sayNameIsTaken(error: unknown): never {
  const isTaken = error instanceof QueryFailedError && error.driverError.code === uniqueViolation
  if (!isTaken) throw error
  throw new DomainError('CONFLICT', 'the project has a vendor of that name: choose another', {
    field: 'name',
  })
}
