import type { FormatWriter } from '../format.ts'
import { vocOf } from '../voc/voc-of.ts'
import { writtenImage } from '../written-image.ts'

/** The published system's layout: images, and Pascal VOC files of the ground truth beside them. */
export const ymirWriter: FormatWriter = {
  name: 'YMIR',
  loses: [],

  async *files(entries) {
    for await (const entry of entries()) {
      yield writtenImage(entry)
      yield { name: `gt/${entry.id}.xml`, content: vocOf(entry) }
    }
  },
}
