import { setTimeout as delay } from 'node:timers/promises'
import { connectToNats, endWhenConsumerIsGone } from '@ymir/bus'
import { vendorStream } from '@ymir/proto-events'
import { log } from '@ymir/service'
import {
  AckPolicy,
  DiscardPolicy,
  headers,
  RetentionPolicy,
  StorageType,
  nanos,
  type ConsumerMessages,
  type JsMsg,
  type MsgHdrs,
  type NatsConnection,
} from 'nats'
import type { DeliveryRow } from './delivery.entity.ts'
import type { Tried } from './webhook.ts'

const day = 24 * 60 * 60 * 1_000
const retentionMs = 7 * day
const resultsConsumer = 'labeling-results'
const retryMs = 1_000
const longestRetryMs = 60_000

const config = {
  name: vendorStream.name,
  subjects: [...vendorStream.subjects],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: nanos(retentionMs),
  max_bytes: 1_024 ** 3,
  max_msgs_per_subject: 10_000, // a vendor that floods its own does not push out what others say
  duplicate_window: nanos(60 * 60 * 1_000),
}

/** A message to a vendor. */
export type Said = Pick<DeliveryRow, 'id' | 'vendorId' | 'taskId' | 'type' | 'data' | 'occurredAt'>

/** Name of the consumer that a vendor pulls from: made here, so that it needs no right to make one. */
export const consumerOf = (vendorId: string) => `vendor-${vendorId}`

/** The JetStream stream in which vendors hear of tasks and send results, each on subjects of its own. */
export class VendorStream {
  private stopping = false
  private messages: ConsumerMessages | undefined
  private running: Promise<void> = Promise.resolve()

  private constructor(private readonly nats: NatsConnection) {}

  static async open(natsUrl: string): Promise<VendorStream> {
    return new VendorStream(await connectToNats(natsUrl, 'labeling, for vendors'))
  }

  /** Publishes once, whatever is tried again: the server knows the ids of the last hour, readers `ce-id`. */
  async publish(said: Said): Promise<Tried> {
    try {
      await this.ensure(said.vendorId)
      await this.nats.jetstream().publish(`ymir.vendor.${said.vendorId}.tasks`, JSON.stringify(said.data), {
        msgID: said.id,
        headers: headersOf(said),
        timeout: 5_000,
      })
      return { status: null, problem: null }
    } catch (error) {
      return { status: null, problem: `NATS did not take it (${String(error)})` }
    }
  }

  /**
   * Hears results for as long as the process lives.
   * @param take is called again with the same message when it throws
   */
  hear(take: (vendorId: string, message: JsMsg) => Promise<void>): void {
    this.running = this.run(take)
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.messages?.stop()
    await this.running
    await this.nats.close()
  }

  private async run(take: (vendorId: string, message: JsMsg) => Promise<void>): Promise<void> {
    while (!this.stopping) {
      try {
        await this.ensure()
        const consumer = await this.nats.jetstream().consumers.get(vendorStream.name, resultsConsumer)
        // nats-server 2.9 loses the end of some pulls: a heartbeat a second notices within two
        this.messages = await consumer.consume({ max_messages: 16, expires: 10_000, idle_heartbeat: 1_000 })
        void endWhenConsumerIsGone(this.messages)
        if (this.stopping) this.messages.stop()
        for await (const message of this.messages) await this.receive(message, take)
      } catch (error) {
        if (this.stopping) return
        log.warn(`hearing vendors will be tried again: ${String(error)}`)
        await delay(retryMs)
      }
    }
  }

  private async receive(message: JsMsg, take: (vendorId: string, message: JsMsg) => Promise<void>) {
    // only the server says whose subject it is: a vendor's user can publish on its own alone
    const vendorId = message.subject.split('.')[2] ?? ''
    try {
      await take(vendorId, message)
      message.ack()
    } catch (error) {
      log.error(`results of vendor ${vendorId} will be taken again`, error)
      message.nak(Math.min(longestRetryMs, retryMs * 2 ** Math.min(message.info.redeliveryCount, 10)))
    }
  }

  private async ensure(vendorId?: string): Promise<void> {
    const manager = await this.nats.jetstreamManager()
    // it exists with other limits when an older version of the platform made it
    await manager.streams.add(config).catch(() => manager.streams.update(config.name, config))
    const consumer = vendorId
      ? { durable_name: consumerOf(vendorId), filter_subject: `ymir.vendor.${vendorId}.tasks` }
      : { durable_name: resultsConsumer, filter_subject: 'ymir.vendor.*.results' }
    await manager.consumers.add(vendorStream.name, {
      ...consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(30_000),
      max_ack_pending: 64,
    })
  }

  /** Ends the consumer of a vendor, if it has one. */
  async forget(vendorId: string): Promise<void> {
    const manager = await this.nats.jetstreamManager()
    await manager.consumers.delete(vendorStream.name, consumerOf(vendorId)).catch(() => {}) // it had none
  }

  /** Makes the consumer of a vendor, before it asks for anything. */
  prepare(vendorId: string): Promise<void> {
    return this.ensure(vendorId)
  }
}

function headersOf({ id, type, taskId, occurredAt, vendorId }: Said): MsgHdrs {
  const to = headers()
  to.set('ce-specversion', '1.0')
  to.set('ce-id', id)
  to.set('ce-type', type)
  to.set('ce-source', '/ymir/labeling')
  to.set('ce-time', occurredAt.toISOString())
  to.set('ce-subject', taskId)
  to.set('ce-vendorid', vendorId)
  to.set('content-type', 'application/json')
  return to
}
