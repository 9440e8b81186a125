import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import {
  AckPolicy,
  createInbox,
  DeliverPolicy,
  Events,
  nanos,
  type JetStreamManager,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from 'nats'
import { fromHeaders, type Envelope } from './cloud-event.ts'
import { connectToNats } from './connection.ts'
import { ensureStreams } from './streams.ts'

/** An event as it lies in a stream. */
export interface FeedEvent {
  /** Its place in the present life of the stream; the first is 1. */
  readonly sequence: number
  readonly envelope: Envelope
  /** The event as proto3 JSON. */
  readonly data: unknown
  /** Size of the data on the wire. */
  readonly bytes: number
}

/**
 * A stream from its making to the loss of nats-server's files. In the next life the sequence begins anew, and what the
 * outboxes hold comes again under the ids that it had.
 */
export interface StreamLife {
  /** When it was made, as the server says it: differs from life to life. */
  readonly name: string
  readonly firstSequence: number
  readonly lastSequence: number
}

export interface EventFeedOptions {
  readonly natsUrl: string
  /** Who reads, as nats-server shows it. */
  readonly reader: string
  readonly stream: string
  /** Before the first event of every life. The first life is heard from its present end, later ones from their start. */
  readonly onLife: (life: StreamLife) => void
  /** Every event of the stream, in order, once in each life. */
  readonly onEvent: (event: FeedEvent) => void
  /** Events between these two were dropped by the stream (bounded, or a long absence) before they could be heard. */
  readonly onLoss?: () => void
}

/** All events of a stream as they come, for a process that hands them on to many; nothing is acknowledged. */
export interface EventFeed {
  /** The first event at or after a sequence whose subject matches, read from the server; undefined when there is none. */
  find(subject: string, from: number): Promise<FeedEvent | undefined>
  /** What the server holds now. */
  life(): Promise<StreamLife>
  isConnected(): boolean
  stop(): Promise<void>
}

const heartbeatMs = 1_000
const silenceMs = 2_500
const retryMs = 250

/**
 * Opens a feed. It is one ephemeral push consumer with flow control and heartbeats, made anew where the last one
 * stopped whenever it falls silent, loses a message or the server forgets it: nats-server 2.9 loses the end of some
 * pulls, so pull consumers would stall a live view. Returns at once and connects for as long as it takes.
 */
export function openEventFeed(options: EventFeedOptions): EventFeed {
  const feed = new PushFeed(options)
  feed.start()
  return feed
}

class PushFeed implements EventFeed {
  private lifeName: string | undefined
  private sequence = 0
  private stopping = false
  private connected = false
  private endRound = () => {}
  private nats: NatsConnection | undefined
  private running: Promise<void> = Promise.resolve()
  private readonly decoder = new TextDecoder()

  constructor(private readonly options: EventFeedOptions) {}

  start(): void {
    void connectToNats(this.options.natsUrl, this.options.reader).then((nats) => {
      if (this.stopping) return nats.close()
      this.nats = nats
      void this.endRoundOnReconnect(nats)
      this.running = this.run(nats)
    })
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.endRound()
    await this.nats?.close()
    await this.running
  }

  isConnected(): boolean {
    return this.connected
  }

  async life(): Promise<StreamLife> {
    const { created, state } = await (await this.manager()).streams.info(this.options.stream)
    return { name: created, firstSequence: state.first_seq, lastSequence: state.last_seq }
  }

  async find(subject: string, from: number): Promise<FeedEvent | undefined> {
    const manager = await this.manager()
    const query = { seq: Math.max(1, from), next_by_subj: subject }
    try {
      for (;;) {
        const { seq, header, data } = await manager.streams.getMessage(this.options.stream, query)
        const event = this.eventOf(seq, header, data)
        if (event) return event
        query.seq = seq + 1
      }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  private manager(): Promise<JetStreamManager> {
    if (!this.nats) throw new Error('nats-server was not reached yet')
    return this.nats.jetstreamManager({ checkAPI: false })
  }

  private async run(nats: NatsConnection): Promise<void> {
    while (!this.stopping) {
      try {
        await this.follow(nats)
      } catch (error) {
        if (this.stopping) return
        log.warn(`the feed of ${this.options.stream} will try again: ${String(error)}`)
        await delay(retryMs)
      } finally {
        this.connected = false
      }
    }
  }

  private async endRoundOnReconnect(nats: NatsConnection): Promise<void> {
    for await (const { type } of nats.status()) if (type === Events.Reconnect) this.endRound()
  }

  /** Hears one consumer until it ends, is lost or falls silent. */
  private async follow(nats: NatsConnection): Promise<void> {
    const manager = await this.manager()
    await ensureStreams(manager)
    this.recognise(await this.life())

    const inbox = createInbox()
    const round = new Round(nats, (message) => this.receive(message))
    this.endRound = () => round.end()
    const subscription = nats.subscribe(inbox, { callback: (error, message) => round.hear(error, message) })
    try {
      const consumer = await manager.consumers.add(this.options.stream, {
        deliver_subject: inbox,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.sequence + 1,
        ack_policy: AckPolicy.None,
        flow_control: true,
        idle_heartbeat: nanos(heartbeatMs),
        inactive_threshold: nanos(10_000),
        mem_storage: true,
        num_replicas: 1,
      })
      this.connected = true
      if (this.stopping) round.end()
      await round.ended
      manager.consumers.delete(this.options.stream, consumer.name).catch(() => {}) // it may be what was lost
    } finally {
      subscription.unsubscribe()
      round.end()
    }
  }

  private recognise(life: StreamLife): void {
    if (life.name !== this.lifeName) {
      const isFirst = this.lifeName === undefined
      this.lifeName = life.name
      this.sequence = isFirst ? life.lastSequence : 0
      this.options.onLife(life)
    }
    if (life.firstSequence > this.sequence + 1) {
      this.sequence = life.firstSequence - 1
      this.options.onLoss?.()
    }
  }

  private receive({ headers, data, reply }: Msg): void {
    const sequence = streamSequenceOf(reply)
    if (sequence <= this.sequence) return
    this.sequence = sequence
    const event = this.eventOf(sequence, headers, data)
    if (event) this.options.onEvent(event)
  }

  private eventOf(sequence: number, headers: MsgHdrs | undefined, bytes: Uint8Array): FeedEvent | undefined {
    const envelope = fromHeaders(headers)
    if (!envelope) return undefined
    try {
      const data: unknown = JSON.parse(this.decoder.decode(bytes))
      return { sequence, envelope, data, bytes: bytes.length }
    } catch {
      log.warn(`${envelope.type} ${envelope.id} is not JSON: left out`)
      return undefined
    }
  }
}

/** One consumer's deliveries, with its heartbeats, its flow control and the watch for what got lost. */
class Round {
  readonly ended: Promise<void>
  private finish = () => {}
  private deliveries = 0
  private heardAt = Date.now()
  private readonly watch: NodeJS.Timeout

  constructor(
    private readonly nats: NatsConnection,
    private readonly receive: (message: Msg) => void,
  ) {
    this.ended = new Promise((resolve) => (this.finish = resolve))
    this.watch = setInterval(() => {
      if (Date.now() - this.heardAt > silenceMs) this.end()
    }, heartbeatMs / 2)
  }

  end(): void {
    clearInterval(this.watch)
    this.finish()
  }

  hear(error: Error | null, message: Msg): void {
    if (error) return this.end()
    this.heardAt = Date.now()
    if (message.headers && message.headers.code >= 100) return this.obey(message, message.headers)
    const delivery = deliverySequenceOf(message.reply)
    if (delivery !== this.deliveries + 1) return this.end()
    this.deliveries = delivery
    this.receive(message)
  }

  /** Status messages: 100 is a heartbeat or asks for flow control, anything else ends the consumer. */
  private obey(message: Msg, headers: MsgHdrs): void {
    if (headers.code !== 100) return this.end()
    if (message.reply) message.respond()
    const stalled = headers.get('Nats-Consumer-Stalled')
    if (stalled) this.nats.publish(stalled)
    const delivered = headers.get('Nats-Last-Consumer')
    if (delivered && Number(delivered) !== this.deliveries) this.end()
  }
}

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<delivery sequence>.<time>.<pending>`; newer servers put
 * domain and account between, and may add a token at the end.
 */
function streamSequenceOf(reply: string | undefined): number {
  const tokens = reply?.split('.') ?? []
  return Number(tokens[tokens.length === 9 ? 5 : 7])
}

function deliverySequenceOf(reply: string | undefined): number {
  const tokens = reply?.split('.') ?? []
  return Number(tokens[tokens.length === 9 ? 6 : 8])
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no message found')
}
