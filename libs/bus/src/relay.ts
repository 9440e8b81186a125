import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import type { NatsConnection } from 'nats'
import pg from 'pg'
import type { DataSource } from 'typeorm'
import { toHeaders } from './cloud-event.ts'
import { ensureStreams, EVENT_RETENTION_MS } from './streams.ts'

interface OutboxRow {
  position: string
  id: string
  subject: string
  type: string
  project_id: string
  entity_id: string
  actor_id: string
  data: unknown
  occurred_at: Date
}

const batchSize = 256
const idleMs = 1_000
const retryMs = 300

/**
 * Publishes a service's outbox to JetStream, in order, each event under its id as `Nats-Msg-Id`. Of several processes of
 * one service only one relays at a time. When the stream began a new life (nats-server lost its files), everything of
 * the retention time is published again: readers' inboxes know what they had.
 */
export class Relay {
  private stopping = false
  private wake = () => {}
  private running: Promise<void> = Promise.resolve()
  private readonly encoder = new TextEncoder()

  constructor(
    private readonly service: string,
    private readonly database: DataSource,
    private readonly url: string,
    private readonly schema: string,
    private readonly nats: NatsConnection,
  ) {}

  start(): void {
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.wake()
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const session = new pg.Client({ connectionString: this.url })
      session.on('error', () => {}) // a lost connection shows in the next query
      try {
        await session.connect()
        await this.relayWhileLeading(session)
      } catch (error) {
        if (!this.stopping)
          log.warn(`the relay will try again: ${error instanceof Error ? error.message : String(error)}`)
        await delay(retryMs)
      } finally {
        await session.end().catch(() => {})
      }
    }
  }

  private async relayWhileLeading(session: pg.Client): Promise<void> {
    await session.query('listen ymir_outbox')
    let woken = false
    session.on('notification', ({ payload }) => {
      if (payload !== this.schema) return
      woken = true
      this.wake()
    })
    while (!this.stopping && !(await this.lead(session))) await this.sleep(idleMs)

    let checkedAt = 0
    while (!this.stopping) {
      if (Date.now() - checkedAt > 5 * idleMs) {
        await this.republishAfterLoss()
        await this.forgetOld()
        checkedAt = Date.now()
      }
      woken = false
      const relayed = await this.relayBatch()
      if (relayed === 0 && !woken) await this.sleep(idleMs)
      await session.query('select 1') // leads only while the session that holds the lock lives
    }
  }

  private async lead(session: pg.Client): Promise<boolean> {
    const { rows } = await session.query<{ leads: boolean }>(
      'select pg_try_advisory_lock(hashtext($1)) as leads',
      [`ymir relay ${this.schema}`],
    )
    return rows[0]?.leads ?? false
  }

  /** One by one, each acknowledged: a batch in flight would lose its order when one of it fails. */
  private async relayBatch(): Promise<number> {
    const rows: OutboxRow[] = await this.database.query(
      `select * from outbox where published_at is null order by position limit ${batchSize}`,
    )
    const stream = this.nats.jetstream()
    const published: string[] = []
    try {
      for (const row of rows) {
        const envelope = {
          id: row.id,
          type: row.type,
          source: `/ymir/${this.service}`,
          time: row.occurred_at.toISOString(),
          subject: row.entity_id,
          projectId: row.project_id,
          actorId: row.actor_id,
        }
        await stream.publish(row.subject, this.encoder.encode(JSON.stringify(row.data)), {
          msgID: row.id,
          headers: toHeaders(envelope),
          timeout: 5_000,
        })
        published.push(row.position)
      }
    } finally {
      if (published.length)
        await this.database.query('update outbox set published_at = now() where position = any($1)', [
          published,
        ])
    }
    return rows.length
  }

  private async republishAfterLoss(): Promise<void> {
    const { created } = await ensureStreams(await this.nats.jetstreamManager())
    const known: { stream_created: string }[] = await this.database.query('select stream_created from relay')
    if (known[0]?.stream_created === created) return
    if (known[0]) log.warn('the events stream is new: publishing again what the outbox holds')
    await this.database.transaction(async (manager) => {
      await manager.query('update outbox set published_at = null where occurred_at > now() - $1::interval', [
        retention,
      ])
      await manager.query(
        'insert into relay (stream_created) values ($1) on conflict (only_row) do update set stream_created = $1',
        [created],
      )
    })
  }

  private async forgetOld(): Promise<void> {
    await this.database.query(
      'delete from outbox where published_at is not null and occurred_at < now() - $1::interval',
      [retention],
    )
    // longer than the outboxes, so that nothing published again is taken for new
    await this.database.query('delete from inbox where handled_at < now() - 3 * $1::interval', [retention])
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const retention = `${EVENT_RETENTION_MS / 1000} seconds`
