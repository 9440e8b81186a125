import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DomainError } from '@ymir/graphql'
import type { DataSource, EntityManager } from 'typeorm'
import type { Driver, DriverName } from '../driver/driver.ts'
import { JobProblem } from '../job/failure.ts'
import { describeImage, NotAnExecutorImage, type ImageDescription } from './image.ts'
import { ExecutorImage } from './image.entity.ts'

export type Drivers = Readonly<Record<DriverName, Driver>>

export interface NewImage {
  readonly name: string
  readonly driver: DriverName
  /** Folder, or container image. */
  readonly reference: string
}

/**
 * Registers an executor image after reading what it says about itself.
 * @throws DomainError CONFLICT (the name is taken), IMAGE_MISSING, NOT_AN_EXECUTOR_IMAGE
 */
export async function registerImage(
  database: DataSource,
  drivers: Drivers,
  image: NewImage,
): Promise<ExecutorImage> {
  const images = database.getRepository(ExecutorImage)
  if (await images.existsBy({ name: image.name }))
    throw new DomainError(
      'CONFLICT',
      `there is an executor image "${image.name}" already: choose another name`,
      {
        field: 'name',
      },
    )
  const found = await inspect(drivers, image)
  return images.save({
    ...image,
    ...found,
    id: randomUUID(),
    enabled: true,
    builtIn: false,
    createdAt: new Date(),
  })
}

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
  const fresh = { id: randomUUID(), enabled: true, createdAt: new Date() }
  return images.save({ ...fresh, ...known, ...image, ...found, builtIn: true })
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

async function inspect(drivers: Drivers, { driver, reference }: NewImage) {
  try {
    const { files, digest } = await drivers[driver].inspect(reference)
    const { kinds, objectTypes, templates } = describeImage(files)
    return {
      digest,
      kinds: [...kinds],
      objectTypes: [...objectTypes],
      trainingTemplate: templates.TRAINING ?? null,
      miningTemplate: templates.MINING ?? null,
      inferenceTemplate: templates.INFERENCE ?? null,
    }
  } catch (error) {
    if (error instanceof JobProblem || error instanceof NotAnExecutorImage)
      throw new DomainError(error.code, `${reference}: ${error.message}`, { field: 'reference' })
    throw error
  }
}

/** What the image of a job said about itself; undefined when there is no such image. */
export async function findImageOf(
  manager: EntityManager,
  { executorImageId }: { readonly executorImageId: string },
): Promise<ImageDescription | undefined> {
  const image = await manager.getRepository(ExecutorImage).findOneBy({ id: executorImageId })
  return image ? descriptionOf(image) : undefined
}

/** What the image said about itself when it was registered. */
export function descriptionOf(image: ExecutorImage): ImageDescription {
  return {
    kinds: image.kinds,
    objectTypes: image.objectTypes,
    templates: {
      TRAINING: image.trainingTemplate ?? undefined,
      MINING: image.miningTemplate ?? undefined,
      INFERENCE: image.inferenceTemplate ?? undefined,
    },
  }
}
