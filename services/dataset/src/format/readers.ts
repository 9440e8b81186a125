import { cocoReader } from './coco/coco-reader.ts'
import type { FormatReader } from './format.ts'
import { imagesReader } from './images/images-reader.ts'
import { labelStudioReader } from './label-studio/label-studio-reader.ts'
import { vocReader } from './voc/voc-reader.ts'
import { ymirReader } from './ymir/ymir-reader.ts'
import { yoloReader } from './yolo/yolo-reader.ts'

/** In the order in which they are asked whether files look like theirs: what says most about its files comes first. */
export const readers: readonly FormatReader[] = [
  ymirReader,
  labelStudioReader,
  cocoReader,
  yoloReader,
  vocReader,
  imagesReader,
]
