import type { Bus } from '@ymir/bus'
import { JobQueuedSchema } from '@ymir/proto-events'
import { log } from '@ymir/service'
import { In, type DataSource } from 'typeorm'
import { Job } from '../job/job.entity.ts'
import { activeStates } from '../job/job.ts'
import { readDurations, type Durations } from './durations.ts'
import { estimateStarts, expectedEnd } from './estimate.ts'
import type { Share } from './queue.ts'
import { isOfUse, type SlotState } from './slots.ts'
import { waitingFor } from './waiting-for.ts'
import type { Waiting } from './waiting.ts'

/** Where a waiting job stands. */
export interface Standing {
  readonly projectId: string
  /** 1: next to start. */
  readonly place: number
  /** In words; null: it is about to start. */
  readonly waitingFor: string | null
  /** In whole seconds; null: nobody knows. */
  readonly estimatedStart: Date | null
}

/** The queue as it is now. */
export interface Situation {
  /** Jobs that need only slots, the next to start first. */
  readonly ready: readonly Waiting[]
  /** Jobs whose project has all the jobs at work that it may have. */
  readonly held: readonly Waiting[]
  readonly limits: Share['limits']
  readonly slots: readonly SlotState[]
}

interface BoardParts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'telemetry'>
}

/** Rounds of telling are at least this far apart, and standings good for as long, unless the queue changes. */
const roundMs = 1_000
const durationsMs = 10_000

/** Knows where each waiting job stands, and tells it when that changes: once for all who want to know. */
export class QueueBoard {
  private latest: ReadonlyMap<string, Standing> = new Map()
  private computedAt = -Infinity
  private isOutdated = true
  private computing: Promise<ReadonlyMap<string, Standing>> | undefined
  private durations: { readonly at: number; readonly usual: Durations } | undefined
  private told = new Map<string, Standing>()
  private toldAt = -Infinity
  private timer: NodeJS.Timeout | undefined
  private telling: Promise<void> = Promise.resolve()
  private isStopped = false

  constructor(
    private readonly situation: () => Promise<Situation>,
    private readonly parts: BoardParts,
  ) {}

  /** Where each waiting job stands: as of the last change, and at most a second old. */
  async standings(): Promise<ReadonlyMap<string, Standing>> {
    if (this.isGood()) return this.latest
    if (this.computing) await this.computing // it may have begun before the last change
    if (this.isGood()) return this.latest
    this.computing ??= this.compute().finally(() => (this.computing = undefined))
    return this.computing
  }

  /** A job came, went or moved, or something that they wait for changed: tells what became of it, within a second. */
  changed(): void {
    this.isOutdated = true
    if (this.isStopped || this.timer) return
    const pause = Math.max(0, this.toldAt + roundMs - Date.now())
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.toldAt = Date.now()
      this.telling = this.telling
        .then(() => this.tell())
        .catch((error: unknown) => log.warn(`the queue's places are told later: ${String(error)}`))
    }, pause).unref()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    clearTimeout(this.timer)
    await this.telling
    await this.computing?.catch(() => {}) // who asked is told
  }

  private isGood(): boolean {
    return !this.isOutdated && Date.now() - this.computedAt < roundMs
  }

  private async compute(): Promise<ReadonlyMap<string, Standing>> {
    this.isOutdated = false
    try {
      this.latest = await this.standingsNow()
    } catch (error) {
      this.isOutdated = true
      throw error
    }
    this.computedAt = Date.now()
    return this.latest
  }

  private async standingsNow(): Promise<Map<string, Standing>> {
    const { ready, held, limits, slots } = await this.situation()
    const order = [...ready, ...held]
    if (order.length === 0) return new Map()
    const usual = await this.usualDurations()
    const now = Date.now()
    const outlook = {
      now,
      slots: {
        cpu: slots.filter(({ kind }) => kind === 'CPU').length,
        gpu: slots.filter((slot) => slot.kind === 'GPU' && isOfUse(slot)).length,
      },
      atWork: await this.atWork(now, usual),
      limits,
    }
    const starts = estimateStarts(order, outlook, usual)
    const reasons = waitingFor({ ready, held }, slots, limits)
    return new Map(
      order.map(({ id, projectId }, index) => {
        const start = starts.get(id)
        const estimatedStart = start === undefined ? null : new Date(Math.round(start / 1000) * 1000)
        return [id, { projectId, place: index + 1, waitingFor: reasons.get(id) ?? null, estimatedStart }]
      }),
    )
  }

  private async atWork(now: number, usual: Durations) {
    const jobs = await this.parts.database.getRepository(Job).find({
      select: {
        projectId: true,
        executorImageId: true,
        kinds: true,
        gpuCount: true,
        progress: true,
        startedAt: true,
      },
      where: { state: In([...activeStates]) },
    })
    return jobs.map((job) => {
      const startedAt = job.startedAt?.getTime() ?? now
      return { ...job, endsAt: expectedEnd({ startedAt, progress: job.progress }, now, usual(job)) }
    })
  }

  private async usualDurations(): Promise<Durations> {
    const now = Date.now()
    if (!this.durations || now - this.durations.at > durationsMs)
      this.durations = { at: now, usual: await readDurations(this.parts.database) }
    return this.durations.usual
  }

  private async tell(): Promise<void> {
    const standings = await this.standings()
    const told = new Map<string, Standing>()
    for (const [jobId, standing] of standings) {
      const before = this.told.get(jobId)
      const isNews = !before || differs(standing, before)
      told.set(jobId, isNews ? standing : before)
      if (isNews) this.say(jobId, standing)
    }
    this.told = told
  }

  private say(jobId: string, { projectId, place, waitingFor, estimatedStart }: Standing): void {
    this.parts.bus.telemetry(JobQueuedSchema, {
      projectId,
      jobId,
      place,
      estimatedStart: BigInt((estimatedStart?.getTime() ?? 0) / 1000),
      waitingFor: waitingFor ?? '',
    })
  }
}

/** An estimate that moves by less than this, or than a tenth of the wait, is no news. */
const smallMs = 5_000

function differs(now: Standing, told: Standing): boolean {
  if (now.place !== told.place || now.waitingFor !== told.waitingFor) return true
  if (!now.estimatedStart || !told.estimatedStart) return now.estimatedStart !== told.estimatedStart
  const moved = Math.abs(now.estimatedStart.getTime() - told.estimatedStart.getTime())
  return moved > Math.max(smallMs, (now.estimatedStart.getTime() - Date.now()) / 10)
}
