import { cocoWriter } from './coco/coco-writer.ts'
import type { FormatName, FormatWriter } from './format.ts'
import { imagesWriter } from './images/images-writer.ts'
import { labelStudioWriter } from './label-studio/label-studio-writer.ts'
import { vocWriter } from './voc/voc-writer.ts'
import { ymirWriter } from './ymir/ymir-writer.ts'
import { yoloWriter } from './yolo/yolo-writer.ts'

export const writers: Readonly<Record<FormatName, FormatWriter>> = {
  VOC: vocWriter,
  COCO: cocoWriter,
  YOLO: yoloWriter,
  YMIR: ymirWriter,
  LABEL_STUDIO: labelStudioWriter,
  IMAGES: imagesWriter,
}
