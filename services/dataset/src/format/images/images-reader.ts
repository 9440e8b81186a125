import type { DescribedImage, FormatReader } from '../format.ts'
import { placeOf } from '../voc/layout.ts'

const nothing = { groundTruth: [], predictions: [], problems: [], tags: [], metadata: {} }

/** Images with nothing said of them: a pool. Whatever else lies beside them is passed over. */
export const imagesReader: FormatReader = {
  name: 'IMAGES',
  recognise({ names }) {
    const count = names.filter((name) => placeOf(name).role === 'image').length
    return Promise.resolve(count ? `${count} images and no annotations that any other format has` : undefined)
  },
  async *images(files): AsyncGenerator<DescribedImage> {
    for await (const image of files.entries())
      if (placeOf(image.name).role === 'image') yield { image, describe: () => Promise.resolve(nothing) }
  },
}
