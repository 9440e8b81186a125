import { importLimits } from '../../import/limits.ts'
import type { DescribedImage, Description, FormatReader } from '../format.ts'
import { pairFiles, placeOf } from './layout.ts'
import { readVoc, type VocFile } from './read-voc.ts'

const nothing = { groundTruth: [], predictions: [], problems: [], tags: [], metadata: {} }

/** Pascal VOC: an XML file beside each image, or in a folder `annotations` in the place of `images`. */
export const vocReader: FormatReader = {
  name: 'VOC',
  recognise({ names }) {
    const annotations = names.filter((name) => placeOf(name).role === 'annotation')
    if (annotations.length === 0) return Promise.resolve(undefined)
    return Promise.resolve(`${annotations.length} XML files, the first is ${annotations[0]}`)
  },
  async *images(files, { problem }): AsyncGenerator<DescribedImage> {
    for (const { images, annotation, rivals } of await pairFiles(files.entries())) {
      const [image, ...others] = images
      for (const other of others)
        problem({
          file: other.name,
          problem: `has the same name as ${image!.name} but for its extension: an annotation could mean either`,
          remedy: 'rename one of them',
        })
      for (const rival of rivals)
        problem({
          file: rival.name,
          problem: `is about the same image as ${annotation!.name}, which counts`,
          remedy: 'keep one of them',
        })
      if (!image)
        problem({
          file: annotation!.name,
          problem: 'has no image of the same name',
          remedy: 'add the image, or remove the annotation',
        })
      else
        yield {
          image,
          describe: async (size) => {
            if (!annotation) return nothing
            const bytes = await files.read(annotation, importLimits.annotationBytes)
            return descriptionOf(readVoc(bytes, annotation.name, size), annotation.name)
          },
        }
    }
  },
}

/** What a Pascal VOC file says; objects with a score are ground truth here all the same, for other layouts tell them apart. */
function descriptionOf({ objects, tags, metadata, problems }: VocFile, file: string): Description {
  const groundTruth = objects.map(({ annotation, line }) => ({
    annotation,
    file,
    line,
    field: 'object/name',
  }))
  return { groundTruth, predictions: [], tags, metadata, problems }
}
