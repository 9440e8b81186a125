/** Runs a detector over image files. */
import type { DetectionLimits, Detector, Look } from '../detector/detector.ts'
import { readLetterbox, type Letterbox } from '../images/letterbox.ts'
import type { Detection } from '../objects.ts'
import { views, type ViewName } from '../images/view.ts'

export interface ImageDetections extends Look {
  readonly path: string
  /** what was found on changed copies, in the order asked for; in pixels of the image itself */
  readonly views: readonly { readonly name: ViewName; readonly detections: readonly Detection[] }[]
}

export interface DetectImagesOptions extends DetectionLimits {
  readonly batchSize: number
  readonly views?: readonly ViewName[]
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
    const looks = await detector.look(images, options)
    const seen = []
    for (const name of options.views ?? [])
      seen.push({ name, looks: await detector.look(images, options, views[name]) })
    for (const [index, look] of looks.entries()) {
      const ofViews = seen.map(({ name, looks }) => ({ name, detections: looks[index]?.detections ?? [] }))
      yield { path: paths[from + index] ?? '', ...look, views: ofViews }
    }
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
