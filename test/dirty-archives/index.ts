import { coco } from './coco.ts'
import type { DirtyArchive } from './dirty-archive.ts'
import { images } from './images.ts'
import { labelStudio } from './label-studio.ts'
import { labels } from './labels.ts'
import { voc } from './voc.ts'
import { yolo } from './yolo.ts'
import { zips } from './zips.ts'

/** Everything that we know to go wrong with what people import. What each comes to is in `expected.json`. */
export const dirtyArchives: readonly DirtyArchive[] = [
  ...zips,
  ...images,
  ...voc,
  ...coco,
  ...yolo,
  ...labelStudio,
  ...labels,
]
