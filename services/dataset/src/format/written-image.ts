import type { AssetEntry } from '../asset/entry.store.ts'
import type { WrittenFile } from './format.ts'

/** `images/<asset id>.<format>`: the one name that does not depend on where an image came from. */
export function writtenImage({ id, format, size }: AssetEntry, folder = 'images'): WrittenFile {
  return { name: `${folder}/${id}.${format}`, content: { sha256: id, size } }
}
