import type { FileEntry, Files } from './format.ts'

const images = /\.(jpe?g|jpe|png|webp|bmp|gif|tiff?|avif|heic)$/i

/** Whether a file counts as an image: by its name, and it is no leaving of an operating system. */
export function isImage(name: string): boolean {
  return images.test(name) && !isHidden(name)
}

export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part === '__MACOSX' || part.startsWith('.'))
}

/** The last part of a path. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** The last part of a path without its extension. */
export function stemOf(name: string): string {
  return baseName(name).replace(/\.[^.]*$/, '')
}

export interface SortedFiles {
  readonly images: readonly FileEntry[]
  readonly others: readonly FileEntry[]
}

export async function sortFiles(files: Files): Promise<SortedFiles> {
  const sorted = { images: [] as FileEntry[], others: [] as FileEntry[] }
  for await (const entry of files.entries()) {
    if (isHidden(entry.name)) continue
    ;(isImage(entry.name) ? sorted.images : sorted.others).push(entry)
  }
  return sorted
}

/** Finds images by the names that annotation files call them. */
export class ImageNames {
  private readonly byBase = new Map<string, FileEntry[]>()

  constructor(entries: Iterable<FileEntry>) {
    for (const entry of entries) {
      const base = baseName(entry.name)
      const same = this.byBase.get(base)
      if (same) same.push(entry)
      else this.byBase.set(base, [entry])
    }
  }

  /**
   * The images that a name may mean: with the same last part, the longest common end of the path, then the longest common
   * beginning with the file that names them, then a folder that is a word of the file's name (`instances_train.json`, `train/`).
   * @param from name of the file that names the image
   */
  find(name: string, from: string): readonly FileEntry[] {
    const parts = partsOf(name.replaceAll('\\', '/'))
    const same = this.byBase.get(parts.at(-1) ?? '') ?? []
    if (same.length < 2) return same
    const folders = partsOf(from).slice(0, -1)
    const nearest = best(same, (entry) => commonLength(partsOf(entry.name).reverse(), [...parts].reverse()))
    const beside = best(nearest, (entry) => commonLength(partsOf(entry.name).slice(0, -1), folders))
    return best(beside, (entry) => {
      const folder = partsOf(entry.name).at(-2)
      return folder &&
        stemOf(from)
          .split(/[^\p{L}\p{N}]+/u)
          .includes(folder)
        ? 1
        : 0
    })
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part && part !== '.')
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((part, index) => part !== other[index])
  return at < 0 ? one.length : at
}

function best(entries: readonly FileEntry[], score: (entry: FileEntry) => number): readonly FileEntry[] {
  if (entries.length < 2) return entries
  const scores = entries.map(score)
  const highest = Math.max(...scores)
  return entries.filter((_, index) => scores[index] === highest)
}
