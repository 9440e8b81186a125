import type { FileEntry, Files, FormatName, FormatReader } from '../format/format.ts'
import { imagesReader } from '../format/images/images-reader.ts'
import { readers } from '../format/readers.ts'
import { placeOf } from '../format/voc/layout.ts'
import { BadArchive } from './problem.ts'

export interface DetectedFormat {
  readonly reader: FormatReader
  /** Why it is taken for that, in words. */
  readonly why: string
  readonly imageCount: number
  /** Bytes of all images, unpacked. */
  readonly imageBytes: number
  readonly annotationFileCount: number
  readonly sampleNames: readonly string[]
}

const namesShown = 20
const headBytes = 64 * 1024
const annotationName = /\.(xml|json|jsonl|txt|ya?ml)$/i

/**
 * Finds out the format of files by their names and, where those do not tell, their first bytes.
 * @param wanted to be taken instead of what is recognised
 * @throws BadArchive when the files cannot be listed or the format cannot be read
 */
export async function detectFormat(files: Files, wanted?: FormatName): Promise<DetectedFormat> {
  const entries = new Map<string, FileEntry>()
  let imageCount = 0
  let imageBytes = 0
  for await (const entry of files.entries()) {
    if (entries.has(entry.name)) throw twice(entry.name)
    entries.set(entry.name, entry)
    if (placeOf(entry.name).role !== 'image') continue
    imageCount++
    imageBytes += entry.size
  }
  const names = [...entries.keys()]
  const head = (name: string) => headOf(files, entries.get(name))
  return {
    ...(wanted ? chosen(wanted) : await recognised({ names, head })),
    imageCount,
    imageBytes,
    annotationFileCount: names.filter((name) => annotationName.test(name)).length,
    sampleNames: names.slice(0, namesShown),
  }
}

type Answer = Pick<DetectedFormat, 'reader' | 'why'>

async function recognised(listing: Parameters<FormatReader['recognise']>[0]): Promise<Answer> {
  for (const reader of readers) {
    const why = await reader.recognise(listing)
    if (why !== undefined) return { reader, why }
  }
  return { reader: imagesReader, why: 'nothing in it looks like annotations' }
}

function chosen(wanted: FormatName): Answer {
  const reader = readers.find(({ name }) => name === wanted)
  if (reader) return { reader, why: 'it was asked for' }
  throw new BadArchive({
    file: 'archive',
    problem: `cannot be read as ${wanted}`,
    remedy: `choose one of ${readers.map(({ name }) => name).join(', ')}`,
  })
}

/** Which of the two is meant, nobody can tell. */
function twice(file: string): BadArchive {
  return new BadArchive({
    file,
    problem: 'is in the archive twice',
    remedy: 'pack the folder again, into a new archive',
  })
}

async function headOf(files: Files, entry: FileEntry | undefined): Promise<string> {
  if (!entry) return ''
  for await (const piece of files.stream(entry, Infinity))
    return Buffer.from(piece.subarray(0, headBytes)).toString()
  return ''
}
