import type { FormatReader } from './format.ts'
import { imagesReader } from './images-reader.ts'
import { vocReader } from './voc-reader.ts'

/** In the order in which they are asked whether files look like theirs: what says most about its files comes first. */
export const readers: readonly FormatReader[] = [vocReader, imagesReader]
