import type { Blobs } from '@ymir/blobs'
import { mediaTypes, type ImageFormat } from '@ymir/images'
import type { LabellingItemRow } from '../item/labelling-item.entity.ts'
import type { ImageFile } from './tool.ts'

const mostFiles = 25
const mostBytes = 20 * 1024 ** 2

/** The images of items, in groups that one request can carry. */
export async function* imageFiles(
  blobs: Pick<Blobs, 'get'>,
  items: readonly LabellingItemRow[],
): AsyncGenerator<ImageFile[]> {
  let group: ImageFile[] = []
  let size = 0
  for (const item of items) {
    const bytes = await blobs.get(item.assetId)
    if (group.length === mostFiles || (group.length && size + bytes.length > mostBytes)) {
      yield group
      group = []
      size = 0
    }
    const format = formatOf(bytes)
    group.push({ item, name: `${nameOf(item)}.${format}`, mediaType: mediaTypes[format], bytes })
    size += bytes.length
  }
  if (group.length) yield group
}

function nameOf({ id, position }: Pick<LabellingItemRow, 'id' | 'position'>): string {
  return `${String(position).padStart(7, '0')}-${id}`
}

/** Which item a file is of, whatever a tool has put before the name. */
export function itemOfFile(path: string): string | undefined {
  return /\d{7}-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\w+$/.exec(path)?.[1]
}

/** By the first bytes: what the dataset service has imported is one of these. */
function formatOf(bytes: Buffer): ImageFormat {
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') return 'png'
  return bytes.subarray(8, 12).toString('latin1') === 'WEBP' ? 'webp' : 'jpg'
}
