import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { vendorStream } from '@ymir/proto-events'
import { nkeys } from 'nats'
import { IsNull, Not, type DataSource } from 'typeorm'
import { VendorRow } from './vendor.entity.ts'
import { consumerOf } from './vendor-stream.ts'

/** A pair of keys for a user of NATS. The seed is told once; the server knows the public key only. */
export function newNatsKeys(): { seed: string; publicKey: string } {
  const pair = nkeys.createUser()
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() }
}

/**
 * The users of nats-server, as a part of its configuration: the platform's own, and one for each vendor that may send
 * results, pull from its consumer and acknowledge, and hear answers in an inbox of its own. All else is denied.
 */
export function natsUsersOf(vendors: readonly { readonly id: string; readonly natsKey: string }[]): string {
  const stream = vendorStream.name
  const userOf = ({ id, natsKey }: { readonly id: string; readonly natsKey: string }) => {
    const consumer = consumerOf(id)
    const publish = [
      `ymir.vendor.${id}.results`,
      `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      `$JS.ACK.${stream}.${consumer}.>`,
    ]
    const permissions = { publish: { allow: publish }, subscribe: { allow: [`_INBOX_${id}.>`] } }
    return `  ${JSON.stringify({ nkey: natsKey, permissions })}`
  }
  return ['users: [', '  { include "platform-user.conf" }', ...vendors.map(userOf), ']', ''].join('\n')
}

/** Keeps YMIR_HOME/nats/users.conf, which nats-server reads again when it changes. */
export class NatsUsers {
  constructor(
    private readonly home: string,
    private readonly database: DataSource,
  ) {}

  /** Writes who may come in now, as the database says; after each change, and at the start. */
  async write(): Promise<void> {
    const vendors = await this.database.getRepository(VendorRow).find({
      where: { natsKey: Not(IsNull()), closedAt: IsNull() },
      order: { createdAt: 'ASC', id: 'ASC' },
    })
    const text = natsUsersOf(vendors.flatMap(({ id, natsKey }) => (natsKey ? [{ id, natsKey }] : [])))
    const file = join(this.home, 'nats', 'users.conf')
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return
    await mkdir(dirname(file), { recursive: true })
    const draft = `${file}.${randomUUID()}`
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, file)
  }
}
