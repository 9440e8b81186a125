/** Runs a detector over image files. */
import type { DetectionLimits, Detector } from '../detector/detector.ts'
import { readLetterbox, type Letterbox } from '../images/letterbox.ts'
import type { Detection } from '../objects.ts'

export interface ImageDetections {
  readonly path: string
  readonly detections: readonly Detection[]
}

export interface DetectImagesOptions extends DetectionLimits {
  readonly batchSize: number
}

/**
 * Detections image by image, in the order of the paths. The next batch is decoded while the network runs.
 * @param read how an image is had; by default from its file
 * @throws ExecutorFailure UNREADABLE_IMAGE
 */
export async function* detectImages(
  detector: Detector,
  paths: readonly string[],
  options: DetectImagesOptions,
  read: (path: string) => Promise<Letterbox> = (path) => readLetterbox(path, detector.input),
): AsyncGenerator<ImageDetections> {
  const batch = (from: number) => settled(paths.slice(from, from + options.batchSize).map(read))
  let upcoming = batch(0)
  for (let from = 0; from < paths.length; from += options.batchSize) {
    const images = await upcoming.then(unwrap)
    upcoming = batch(from + options.batchSize)
    const detections = await detector.detect(images, options)
    for (const [index, found] of detections.entries())
      yield { path: paths[from + index] ?? '', detections: found }
  }
}

/** A read-ahead that fails must not be an unhandled rejection before its turn comes. */
const settled = <Item>(promises: Promise<Item>[]) => Promise.allSettled(promises)

function unwrap<Item>(results: PromiseSettledResult<Item>[]): Item[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
