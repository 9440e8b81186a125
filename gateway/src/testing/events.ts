import { randomUUID } from 'node:crypto'
import { busMigrations, openBus, type Bus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import {
  JobLogWrittenSchema,
  JobProgressedSchema,
  JobQueuedSchema,
  JobResourcesMeasuredSchema,
  JobScalarsLoggedSchema,
  JobStateChangedSchema,
  type EventSchema,
  type MessageInitShape,
} from '@ymir/proto-events'
import type { JobRow } from './world.ts'

export interface TestSpeaker {
  readonly bus: Bus
  /** Says an event as its service does: through the outbox. */
  say<Schema extends EventSchema>(schema: Schema, event: MessageInitShape<Schema>): Promise<string>
  /** Moves a job to a state, in the service and on the bus. */
  move(job: JobRow, to: string): Promise<void>
  progress(job: JobRow, progress: number): void
  /** Gives a waiting job a place in the queue. */
  queue(job: JobRow, place: number, waitingFor?: string, estimatedStart?: Date): void
  log(job: JobRow, text: string, stream?: 'STDOUT' | 'STDERR'): void
  uses(job: JobRow, cpuCores: number): void
  scalar(job: JobRow, tag: string, step: number, value: number): void
  stop(): Promise<void>
}

/** A service's voice on the bus, with its outbox in the tests' PostgreSQL. */
export async function aSpeaker(
  service: string,
  natsUrl = process.env.YMIR_TEST_NATS_URL ?? '',
): Promise<TestSpeaker> {
  const { database, close } = await openTestDatabase(`gateway_${service}`, {
    entities: [],
    migrations: busMigrations,
  })
  const bus = await openBus({ service, natsUrl, database })
  await bus.start()
  const say = <Schema extends EventSchema>(schema: Schema, event: MessageInitShape<Schema>) =>
    database.transaction((manager) => bus.emit(manager, schema, event))
  return {
    bus,
    say,
    move: async (job, to) => {
      const from = job.state
      Object.assign(job, {
        state: to,
        queuePlace: undefined,
        waitingFor: undefined,
        estimatedStart: undefined,
      })
      if (from && to === 'QUEUED') job.attempt += 1
      const { projectId, id: jobId, attempt } = job
      await say(JobStateChangedSchema, { projectId, jobId, from, to, attempt })
    },
    progress: (job, progress) => {
      job.progress = progress
      bus.telemetry(JobProgressedSchema, { projectId: job.projectId, jobId: job.id, progress })
    },
    queue: (job, place, waitingFor, estimatedStart) => {
      Object.assign(job, { queuePlace: place, waitingFor, estimatedStart })
      bus.telemetry(JobQueuedSchema, {
        projectId: job.projectId,
        jobId: job.id,
        place,
        waitingFor,
        estimatedStart: BigInt((estimatedStart?.getTime() ?? 0) / 1000),
      })
    },
    log: (job, text, stream = 'STDOUT') => {
      const { id: jobId, projectId } = job
      const offset = Buffer.byteLength(job.log)
      job.log += text
      job.pieces.push({ stream, offset, text })
      const nextOffset = BigInt(Buffer.byteLength(job.log))
      const written = { projectId, jobId, offset: BigInt(offset), nextOffset, text, stream }
      bus.telemetry(JobLogWrittenSchema, written)
    },
    uses: (job, cpuCores) => {
      const { id: jobId, projectId } = job
      const measuredAt = new Date()
      const sample = { cpuCores, processes: 2 }
      job.resources = { ...sample, measuredAt, memoryBytes: 1_000, gpus: [] }
      bus.telemetry(JobResourcesMeasuredSchema, {
        ...sample,
        projectId,
        jobId,
        measuredAt: measuredAt.getTime() / 1000,
        memoryBytes: 1_000n,
        gpus: [],
      })
    },
    scalar: (job, tag, step, value) => {
      const wallTime = Date.now() / 1000
      job.scalars.push({ tag, step, value, wallTime })
      bus.telemetry(JobScalarsLoggedSchema, {
        projectId: job.projectId,
        jobId: job.id,
        scalars: [{ tag, step: BigInt(step), value, wallTime }],
      })
    },
    stop: async () => {
      await bus.stop()
      await close()
    },
  }
}

export function newId(): string {
  return randomUUID()
}
