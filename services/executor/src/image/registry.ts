import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DomainError } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { DriverName } from '../driver/driver.ts'
import { JobProblem } from '../job/failure.ts'
import { Job } from '../job/job.entity.ts'
import { sayImageStateChanged } from './image.events.ts'
import { NotAnExecutorImage } from './image.ts'
import { ExecutorImage } from './image.entity.ts'
import { inspectImage, type Drivers, type Found } from './inspection.ts'
import type { PullParts, Pulls } from './pulls.ts'
import { recordRevision } from './revision.ts'

export type { Drivers } from './inspection.ts'

export interface RegistryParts extends PullParts {
  readonly pulls: Pulls
}

export interface NewImage {
  readonly name: string
  readonly driver: DriverName
  /** Folder, or container image. */
  readonly reference: string
}

/**
 * Registers an executor image. One that is at hand is READY when this returns; one that must be fetched first is PULLING,
 * and READY or FAILED later.
 * @throws DomainError CONFLICT (the name is taken), IMAGE_MISSING, NOT_AN_EXECUTOR_IMAGE
 */
export async function registerImage(parts: RegistryParts, image: NewImage): Promise<ExecutorImage> {
  const { database, bus, pulls } = parts
  if (await database.getRepository(ExecutorImage).existsBy({ name: image.name }))
    throw nameIsTaken(image.name)
  const found = await inspectIfHere(parts.drivers, image)
  const standing = found ? readyNow : { state: 'PULLING' as const, progress: 0, problem: null }
  const registered = await database
    .transaction(async (manager) => {
      const images = manager.getRepository(ExecutorImage)
      const saved = await images.save({ ...unseen, ...found, ...image, ...fresh(), ...standing })
      await recordRevision(manager, saved)
      await sayImageStateChanged(manager, bus, saved)
      return saved
    })
    .catch((error: { driverError?: { code?: string } }) => {
      throw error.driverError?.code === '23505' ? nameIsTaken(image.name) : error
    })
  if (registered.state === 'PULLING') pulls.begin(registered)
  return registered
}

/**
 * Looks again what an image's reference names: a folder is read anew, a container image is pulled again, and another
 * digest becomes the current revision. Also tries again what FAILED. Harmless while it is PULLING.
 * @throws DomainError IMAGE_MISSING, NOT_AN_EXECUTOR_IMAGE for what is known at once
 */
export async function updateImage(
  parts: RegistryParts,
  { id }: Pick<ExecutorImage, 'id'>,
): Promise<ExecutorImage> {
  const { database, bus, drivers, pulls } = parts
  const image = await database.getRepository(ExecutorImage).findOneByOrFail({ id })
  if (image.state === 'PULLING') return image
  const changes: Partial<ExecutorImage> = drivers[image.driver].fetch
    ? { state: 'PULLING', progress: 0, problem: null }
    : { ...(await inspect(drivers, image)), ...readyNow }
  const updated = await database.transaction(async (manager) => {
    await manager.update(ExecutorImage, { id }, changes as object) // TypeORM's type of a row, as in recordRevision
    const saved = await manager.findOneByOrFail(ExecutorImage, { id })
    await sayImageStateChanged(manager, bus, saved)
    return saved
  })
  if (updated.state === 'PULLING') pulls.begin(updated)
  return updated
}

/**
 * Takes back a registration that no job ever used; its pull stops.
 * @throws DomainError CONFLICT when jobs used it, or it comes with the platform
 */
export async function removeImage(parts: RegistryParts, image: ExecutorImage): Promise<void> {
  const { database, bus, pulls } = parts
  const { id, name, builtIn } = image
  if (builtIn || (await database.getRepository(Job).existsBy({ executorImageId: id })))
    throw new DomainError(
      'CONFLICT',
      builtIn
        ? `the executor image "${name}" comes with the platform: disable it instead`
        : `jobs have used the executor image "${name}": disable it instead`,
      { id },
    )
  await pulls.abandon(id)
  await database.transaction(async (manager) => {
    const removed = await manager.delete(ExecutorImage, { id })
    // whoever follows its pull hears that there is no more to come
    if (removed.affected && image.state === 'PULLING')
      await sayImageStateChanged(manager, bus, { ...image, state: 'FAILED', problem: wasRemoved })
  })
}

const wasRemoved = { code: 'REMOVED', message: 'the registration was removed', advice: 'Register it again.' }

/** The image that comes with the platform, by its name in the registry and its folder under `executors`. */
const builtIn = { name: 'onnx-detector', folder: 'onnx' }

/**
 * Registers the reference image, or brings its templates up to this release. An image of its name that an administrator
 * registered stays as it is.
 * @param executors folder of the images that come with the platform
 */
export async function registerBuiltInImage(
  database: DataSource,
  drivers: Drivers,
  executors: string,
): Promise<ExecutorImage> {
  const images = database.getRepository(ExecutorImage)
  const known = await images.findOneBy({ name: builtIn.name })
  if (known && !known.builtIn) return known
  const image = { name: builtIn.name, driver: 'process' as const, reference: join(executors, builtIn.folder) }
  const found = await inspect(drivers, image)
  return images.save({ ...fresh(), ...known, ...image, ...found, ...readyNow, builtIn: true })
}

/** YMIR_EXECUTORS, or the folder `executors` of this checkout. */
export async function findExecutors(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url))
  const folder = resolve(environment.YMIR_EXECUTORS ?? join(here, '../../../../executors'))
  await access(join(folder, builtIn.folder, 'start.sh')).catch(() => {
    throw new Error(
      `${folder}/${builtIn.folder}/start.sh is not there: set YMIR_EXECUTORS to the folder of the executors`,
    )
  })
  return folder
}

/** An image of which nothing is known yet. */
const unseen = {
  digest: null,
  kinds: [],
  objectTypes: [],
  trainingTemplate: null,
  miningTemplate: null,
  inferenceTemplate: null,
  asksForNetwork: false,
  tellsDetails: false,
  report: [],
} satisfies Found

const readyNow = { state: 'READY' as const, progress: 1, problem: null }

/** What every registration starts with. */
function fresh() {
  return {
    id: randomUUID(),
    enabled: true,
    shared: true,
    networkAllowed: false,
    user: null,
    builtIn: false,
    createdAt: new Date(),
  }
}

function nameIsTaken(name: string): DomainError {
  return new DomainError('CONFLICT', `there is an executor image "${name}" already: choose another name`, {
    field: 'name',
  })
}

async function inspect(drivers: Drivers, image: Pick<NewImage, 'driver' | 'reference'>): Promise<Found> {
  try {
    return await inspectImage(drivers, image)
  } catch (error) {
    if (error instanceof JobProblem || error instanceof NotAnExecutorImage)
      throw new DomainError(error.code, `${image.reference}: ${error.message}`, { field: 'reference' })
    throw error
  }
}

/** @returns undefined when the image must be fetched first, and the driver can */
async function inspectIfHere(drivers: Drivers, image: NewImage): Promise<Found | undefined> {
  try {
    return await inspect(drivers, image)
  } catch (error) {
    const mayBeFetched =
      error instanceof DomainError && error.code === 'IMAGE_MISSING' && drivers[image.driver].fetch
    if (mayBeFetched) return undefined
    throw error
  }
}
