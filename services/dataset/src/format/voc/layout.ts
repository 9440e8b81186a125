import type { FileEntry } from '../format.ts'

/** What a file in a Pascal VOC archive is for; undefined for what an import passes over. */
export type Role = 'image' | 'annotation' | undefined

/** An image and the annotation file with the same place and stem. One of them may be missing. */
export interface Pair {
  readonly images: readonly FileEntry[]
  readonly annotation?: FileEntry
  /** Further annotation files of the same place: which one counts, nobody can tell. */
  readonly rivals: readonly FileEntry[]
}

const roleOfExtension: Readonly<Record<string, Role>> = {
  xml: 'annotation',
  ...Object.fromEntries(
    ['jpg', 'jpeg', 'jpe', 'png', 'webp', 'bmp', 'gif', 'tif', 'tiff', 'avif', 'heic'].map(
      (one) => [one, 'image'] as const,
    ),
  ),
}

const folders = { image: /^(images|jpegimages)$/i, annotation: /^annotations$/i }

/**
 * What a file is, and the key that an image shares with its annotation: the path without extension and without the folder
 * that tells images from annotations, e.g. `set/JPEGImages/a/1.jpg` and `set/Annotations/a/1.xml` are both `set/a/1`.
 */
export function placeOf(name: string): { role: Role; key: string } {
  const parts = name.split('/')
  const base = parts.at(-1)!
  if (parts.includes('__MACOSX') || parts.some((part) => part.startsWith('.')))
    return { role: undefined, key: '' }
  const dot = base.lastIndexOf('.')
  const role = roleOfExtension[base.slice(dot + 1).toLowerCase()]
  if (dot <= 0 || role === undefined) return { role: undefined, key: '' }
  const folder = parts.findIndex((part, index) => index < parts.length - 1 && folders[role].test(part))
  const kept = parts.filter((_, index) => index !== folder)
  return { role, key: [...kept.slice(0, -1), base.slice(0, dot)].join('/') }
}

/** Pairs the files of an archive in the order in which their first file stands there. */
export async function pairFiles(entries: AsyncIterable<FileEntry>): Promise<Pair[]> {
  const pairs = new Map<string, { images: FileEntry[]; annotation?: FileEntry; rivals: FileEntry[] }>()
  for await (const entry of entries) {
    const { role, key } = placeOf(entry.name)
    if (!role) continue
    let pair = pairs.get(key)
    if (!pair) pairs.set(key, (pair = { images: [], rivals: [] }))
    if (role === 'annotation' && pair.annotation) pair.rivals.push(entry)
    if (role === 'annotation') pair.annotation ??= entry
    if (role === 'image') pair.images.push(entry)
  }
  return [...pairs.values()]
}
