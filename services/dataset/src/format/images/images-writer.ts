import type { FormatWriter } from '../format.ts'
import { writtenImage } from '../written-image.ts'

/** The images alone. */
export const imagesWriter: FormatWriter = {
  name: 'IMAGES',
  loses: ['annotations', 'tags and metadata of images'],

  async *files(entries) {
    for await (const entry of entries()) yield writtenImage(entry)
  },
}
