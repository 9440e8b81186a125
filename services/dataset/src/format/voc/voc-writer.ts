import type { FormatWriter } from '../format.ts'
import { writtenImage } from '../written-image.ts'
import { vocOf } from './voc-of.ts'

/** Pascal VOC: `images/<asset id>.<format>` and `annotations/<asset id>.xml`. */
export const vocWriter: FormatWriter = {
  name: 'VOC',
  loses: [],

  async *files(entries) {
    for await (const entry of entries()) {
      yield writtenImage(entry)
      yield { name: `annotations/${entry.id}.xml`, content: vocOf(entry) }
    }
  },
}
