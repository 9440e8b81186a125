import type { DataSource } from 'typeorm'
import { Chore, log, type Cipher } from '@ymir/service'
import { AttemptRow, DeliveryRow } from './delivery.entity.ts'
import { nextAttempt } from './retries.ts'
import { signWebhook } from './signature.ts'
import { VendorRow } from './vendor.entity.ts'
import type { VendorStream } from './vendor-stream.ts'
import type { Tried, WebhookSender } from './webhook.ts'

const sentAtOnce = 20
/** Whoever has taken a delivery and does not end it within this time has died. */
const leaseSeconds = 60
const gone = 410
const keptDays = 30

export interface Doors {
  readonly database: DataSource
  readonly cipher: Cipher
  readonly webhooks: Pick<WebhookSender, 'post'>
  readonly stream: Pick<VendorStream, 'publish'>
}

/**
 * Tells vendors what they are to be told, by webhook or NATS, until they have got it or the last try has failed. What is
 * to be sent, and when next, stands in the database: it survives restarts, and several processes share the work.
 */
export class Delivering {
  private readonly chore = new Chore('telling vendors', () => this.deliverDue())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly doors: Doors) {}

  /** What was told long ago leaves the log. */
  async forgetOld(): Promise<void> {
    await this.doors.database.query(
      `delete from vendor_deliveries where state <> 'PENDING' and created_at < now() - make_interval(days => $1)`,
      [keptDays],
    )
  }

  private async deliverDue(): Promise<void> {
    for (;;) {
      const due = await this.takeDue()
      if (!due.length) return
      await Promise.all(due.map((delivery) => this.deliver(delivery)))
    }
  }

  private async takeDue(): Promise<DeliveryRow[]> {
    const { database } = this.doors
    const [taken]: [{ id: string }[], number] = await database.query(
      `update vendor_deliveries
          set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $1)
        where id in (
          select id from vendor_deliveries where state = 'PENDING' and next_attempt_at <= now()
           order by next_attempt_at limit $2 for update skip locked)
        returning id`,
      [leaseSeconds, sentAtOnce],
    )
    const ids = taken.map(({ id }) => id)
    if (!ids.length) return []
    return database.getRepository(DeliveryRow).createQueryBuilder().whereInIds(ids).getMany()
  }

  private async deliver(delivery: DeliveryRow): Promise<void> {
    const vendor = await this.doors.database
      .getRepository(VendorRow)
      .findOneByOrFail({ id: delivery.vendorId })
    const startedAt = new Date()
    const tried = await this.send(delivery, vendor).catch((error: unknown): Tried => {
      log.error(`delivery ${delivery.id} cannot be sent`, error) // e.g. its secret is of another YMIR_SECRET
      return { status: null, problem: 'it cannot be sent: see the log of the labeling service' }
    })
    await this.record(delivery, startedAt, tried)
  }

  private async send(delivery: DeliveryRow, vendor: VendorRow): Promise<Tried> {
    const body = JSON.stringify(cloudEventOf(delivery))
    if (delivery.door === 'NATS') {
      if (!vendor.natsKey) return { status: gone, problem: 'the vendor has no user of NATS any more' }
      return this.doors.stream.publish(delivery)
    }
    if (!vendor.webhookUrl || vendor.webhookProblem)
      return { status: gone, problem: vendor.webhookProblem ?? 'the vendor has no webhook any more' }
    const signature = signWebhook({ id: delivery.id, body, sentAt: new Date() }, this.secretsOf(vendor))
    const headers = { ...signature, 'content-type': 'application/cloudevents+json' }
    return this.doors.webhooks.post(vendor.webhookUrl, body, headers)
  }

  private secretsOf({ webhookSecret, earlierSecret, earlierSecretUntil }: VendorRow): string[] {
    const isBothYet = earlierSecret && earlierSecretUntil && earlierSecretUntil > new Date()
    return [webhookSecret, ...(isBothYet ? [earlierSecret] : [])].map((one) => this.doors.cipher.decrypt(one))
  }

  private async record(
    { id, vendorId, attempts, door }: DeliveryRow,
    attemptedAt: Date,
    { status, problem }: Tried,
  ): Promise<void> {
    const now = new Date()
    const again = problem && status !== gone ? nextAttempt(attempts, now) : undefined
    const failed = again ? 'PENDING' : 'FAILED'
    await this.doors.database.transaction(async (manager) => {
      const milliseconds = now.getTime() - attemptedAt.getTime()
      await manager.insert(AttemptRow, { deliveryId: id, attemptedAt, status, problem, milliseconds })
      await manager.update(DeliveryRow, id, {
        state: problem ? failed : 'DELIVERED',
        ...(again && { nextAttemptAt: again }),
      })
      if (status === gone && door === 'WEBHOOK')
        await manager
          .createQueryBuilder()
          .update(VendorRow)
          .set({ webhookProblem: 'it answered 410 Gone: set its address again to go on' })
          .where('id = :vendorId and webhook_url is not null and webhook_problem is null', { vendorId })
          .execute()
    })
  }
}

/** As CloudEvents 1.0 has it in structured mode; `timestamp` is for readers of Standard Webhooks. */
export function cloudEventOf({ id, vendorId, taskId, type, data, occurredAt }: DeliveryRow): object {
  const time = occurredAt.toISOString()
  return {
    specversion: '1.0',
    ...{ id, type, source: '/ymir/labeling', subject: taskId, time, timestamp: time },
    vendorid: vendorId,
    datacontenttype: 'application/json',
    data,
  }
}
