import type { Driver, DriverName } from '../driver/driver.ts'
import type { ExecutorImage } from './image.entity.ts'
import { NotAnExecutorImage } from './image.ts'
import { errorsOf, reportOn } from './report.ts'

export type Drivers = Readonly<Record<DriverName, Driver>>

/** What an image that is at hand says about itself, as it is stored. */
export type Found = Pick<
  ExecutorImage,
  | 'digest'
  | 'kinds'
  | 'objectTypes'
  | 'trainingTemplate'
  | 'miningTemplate'
  | 'inferenceTemplate'
  | 'asksForNetwork'
  | 'tellsDetails'
  | 'report'
>

/**
 * Reads what an image that is at hand says about itself, and checks it against the contract.
 * @throws JobProblem IMAGE_MISSING when it is not at hand
 * @throws NotAnExecutorImage with every error of the report
 */
export async function inspectImage(
  drivers: Drivers,
  { driver, reference }: Pick<ExecutorImage, 'driver' | 'reference'>,
): Promise<Found> {
  const inspection = await drivers[driver].inspect(reference)
  const report = reportOn(inspection)
  const { description, lines } = report
  if (!description) throw new NotAnExecutorImage(errorsOf(report).join('; '))
  const { kinds, objectTypes, templates, asksForNetwork, tellsDetails } = description
  return {
    digest: inspection.digest,
    kinds: [...kinds],
    objectTypes: [...objectTypes],
    trainingTemplate: templates.TRAINING ?? null,
    miningTemplate: templates.MINING ?? null,
    inferenceTemplate: templates.INFERENCE ?? null,
    asksForNetwork,
    tellsDetails,
    report: [...lines],
  }
}
