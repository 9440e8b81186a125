import type { Bus } from '@ymir/bus'
import { log } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import { failureOf } from '../job/failure.ts'
import { keepTrying } from '../job/keep-trying.ts'
import { sayImageStateChanged, tellPulled } from './image.events.ts'
import { ExecutorImage } from './image.entity.ts'
import { NotAnExecutorImage, type ImageProblem } from './image.ts'
import { inspectImage, type Drivers, type Found } from './inspection.ts'
import { recordRevision } from './revision.ts'

export interface PullParts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit' | 'telemetry'>
  readonly drivers: Drivers
}

/** Telemetry and the row need not know of each byte. */
const tellEveryMs = 250

/**
 * The pulls behind registrations and updates. Each is noted in its image's row as PULLING, so that one which a stop or a
 * crash of the service broke off is taken up again; what the engine has of it by then is not fetched again.
 */
export class Pulls {
  private readonly running = new Map<
    string,
    { readonly abort: AbortController; readonly ended: Promise<void> }
  >()

  constructor(private readonly parts: PullParts) {}

  /** Takes up the pulls that an earlier run of this service left behind. */
  async start(): Promise<void> {
    const left = await this.parts.database.getRepository(ExecutorImage).findBy({ state: 'PULLING' })
    for (const image of left) {
      log.info(`the pull of executor image "${image.name}" is taken up again`, { reference: image.reference })
      this.begin(image)
    }
  }

  /** @param image in the state PULLING */
  begin(image: ExecutorImage): void {
    if (this.running.has(image.id)) return
    const abort = new AbortController()
    const ended = this.carry(image, abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) log.error(`the pull of executor image "${image.name}" has no end`, error)
      })
      .finally(() => this.running.delete(image.id))
    this.running.set(image.id, { abort, ended })
  }

  /** Breaks off a pull, if there is one; its image's row is the caller's. */
  async abandon(id: string): Promise<void> {
    const pull = this.running.get(id)
    pull?.abort.abort()
    await pull?.ended
  }

  /** Breaks off all pulls: they are taken up when the service starts again. */
  async stop(): Promise<void> {
    await Promise.all([...this.running.keys()].map((id) => this.abandon(id)))
  }

  private async carry(image: ExecutorImage, signal: AbortSignal): Promise<void> {
    const result = await this.fetch(image, signal)
    if (signal.aborted) return
    await keepTrying(
      `noting the pull of executor image "${image.name}"`,
      () => this.parts.database.transaction((manager) => this.settle(manager, image.id, result)),
      signal,
    )
  }

  private async fetch(image: ExecutorImage, signal: AbortSignal): Promise<Found | ImageProblem> {
    try {
      const onProgress = this.teller(image.id, signal)
      await this.parts.drivers[image.driver].fetch?.(image.reference, { signal, onProgress })
      return await inspectImage(this.parts.drivers, image)
    } catch (error) {
      return problemOf(error)
    }
  }

  /** Called with every bit of progress, it tells of the newest now and then. */
  private teller(id: string, signal: AbortSignal): (progress: number) => void {
    let toldAt = 0
    return (progress) => {
      if (Date.now() - toldAt < tellEveryMs || signal.aborted) return
      toldAt = Date.now()
      tellPulled(this.parts.bus, id, progress)
      void this.parts.database
        .getRepository(ExecutorImage)
        .update({ id, state: 'PULLING' }, { progress })
        .catch((error: unknown) => log.warn(`the progress of a pull was not noted: ${String(error)}`))
    }
  }

  private async settle(manager: EntityManager, id: string, result: Found | ImageProblem): Promise<void> {
    const images = manager.getRepository(ExecutorImage)
    const image = await images.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
    if (image?.state !== 'PULLING') return
    const settled = await images.save({ ...image, ...changesOf(image, result) })
    await recordRevision(manager, settled)
    await sayImageStateChanged(manager, this.parts.bus, settled)
  }
}

/** An image that was READY before an update that did not succeed still is, as it was. */
function changesOf(image: ExecutorImage, result: Found | ImageProblem): Partial<ExecutorImage> {
  if (!('code' in result)) return { ...result, state: 'READY', progress: 1, problem: null }
  const wasReady = image.digest !== null
  return { state: wasReady ? 'READY' : 'FAILED', progress: wasReady ? 1 : image.progress, problem: result }
}

function problemOf(error: unknown): ImageProblem {
  if (error instanceof NotAnExecutorImage)
    return {
      code: error.code,
      message: error.message,
      advice: 'The image does not keep the executor contract: tell its author, or register another one.',
    }
  const { code, message, advice } = failureOf(error, '')
  return { code, message, advice }
}
