import { setTimeout as delay } from 'node:timers/promises'
import { decodeEvent, type EventSchema, type MessageShape } from '@ymir/proto-events'
import { log } from '@ymir/service'
import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  type NatsConnection,
} from 'nats'
import type { DataSource, EntityManager } from 'typeorm'
import { fromHeaders } from './cloud-event.ts'
import { endWhenConsumerIsGone } from './consumer-gone.ts'
import { ensureStreams, EVENTS_STREAM } from './streams.ts'

/** What a handler gets beside the event's data. */
export interface Occurrence {
  /** The transaction that also records the event in the inbox: all effects of the handler go through it. */
  readonly manager: EntityManager
  readonly eventId: string
  /** When it became true. */
  readonly time: Date
  /** Runs after the transaction is committed; lost in a crash, so what must happen needs a row that tells of it. */
  afterCommit(work: () => void): void
}

export type Handler<Schema extends EventSchema> = (
  event: MessageShape<Schema>,
  occurrence: Occurrence,
) => Promise<void>

export interface Subscription {
  readonly schema: EventSchema
  handle(event: unknown, occurrence: Occurrence): Promise<void>
}

const retryMs = 300
const longestBackOffMs = 30_000
/** An event that was taken and not handled comes again after this: its reader was killed, or is very busy. */
const ackWaitMs = 5_000

/**
 * Hears every event once: a durable pull consumer for the service, and in the database the inbox with the ids of the
 * events handled, written in the transaction of their effects.
 */
export class Inbox {
  private stopping = false
  private messages: ConsumerMessages | undefined
  private running: Promise<void> = Promise.resolve()

  constructor(
    private readonly consumerName: string,
    private readonly database: DataSource,
    private readonly nats: NatsConnection,
    private readonly subscriptions: ReadonlyMap<string, Subscription>,
  ) {}

  start(): void {
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.messages?.stop()
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.consume()
      } catch (error) {
        if (this.stopping) return
        log.warn(`the inbox will try again: ${error instanceof Error ? error.message : String(error)}`)
        await delay(retryMs)
      }
    }
  }

  private async consume(): Promise<void> {
    const manager = await this.nats.jetstreamManager()
    await ensureStreams(manager)
    await manager.consumers.add(EVENTS_STREAM, {
      durable_name: this.consumerName,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: 1_024,
    })
    await this.awaitWhatWasTaken(manager)
    const consumer = await this.nats.jetstream().consumers.get(EVENTS_STREAM, this.consumerName)
    // nats-server 2.9 loses the end of some pulls: a heartbeat a second notices within two
    this.messages = await consumer.consume({ max_messages: 64, expires: 10_000, idle_heartbeat: 1_000 })
    void endWhenConsumerIsGone(this.messages)
    if (this.stopping) this.messages.stop()
    for await (const message of this.messages) await this.receive(message)
  }

  /**
   * What an earlier process of this service had taken when it ended comes again, and then before anything new: events
   * keep their order if the first pull waits for that.
   */
  private async awaitWhatWasTaken(manager: JetStreamManager): Promise<void> {
    if (this.messages) return // it was this process
    const { num_ack_pending } = await manager.consumers.info(EVENTS_STREAM, this.consumerName)
    const until = Date.now() + (num_ack_pending > 0 ? ackWaitMs : 0)
    while (Date.now() < until && !this.stopping) await delay(100)
  }

  private async receive(message: JsMsg): Promise<void> {
    const envelope = fromHeaders(message.headers)
    const subscription = envelope && this.subscriptions.get(envelope.type)
    if (!subscription) return message.ack()
    const afterCommit: (() => void)[] = []
    try {
      await this.database.transaction(async (manager) => {
        if (!(await recordOnce(manager, envelope.id))) return
        const event = decodeEvent(subscription.schema, message.json())
        await subscription.handle(event, {
          manager,
          eventId: envelope.id,
          time: new Date(envelope.time),
          afterCommit: (work) => afterCommit.push(work),
        })
      })
      message.ack()
    } catch (error) {
      const wait = Math.min(longestBackOffMs, retryMs * 2 ** Math.min(message.info.redeliveryCount, 10))
      log.error(`${envelope.type} ${envelope.id} will be tried again in ${wait} ms`, error)
      return message.nak(wait)
    }
    for (const work of afterCommit) work()
  }
}

async function recordOnce(manager: EntityManager, eventId: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    'insert into inbox (event_id) values ($1) on conflict do nothing returning event_id',
    [eventId],
  )
  return rows.length > 0
}
