import type { Blobs } from '@ymir/blobs'
import type { DataSource } from 'typeorm'
import type { FormatWriter, WrittenFile } from '../format/format.ts'
import { readPages } from '../page/page.store.ts'
import { entriesByAsset } from '../version/ordered-entries.ts'
import type { DatasetVersion } from '../version/version.entity.ts'
import type { ArchivedFile } from './archived-file.ts'
import { inChunks } from './chunks.ts'
import { readAhead } from './read-ahead.ts'
import { spool } from './spool.ts'
import { tarOf } from './tar-writer.ts'
import { zipOf } from './zip-writer.ts'

/** How the files of an export are put into one. */
export const ExportContainer = { ZIP: 'ZIP', TAR: 'TAR' } as const
export type ExportContainer = keyof typeof ExportContainer

const archiveOf: Readonly<Record<ExportContainer, typeof zipOf>> = { ZIP: zipOf, TAR: tarOf }

/**
 * A version in some format, made while it is read. Memory: some hundred entries and at most a megabyte of each of eight images; a file that
 * is about all images goes through the disk. Versions with equal roots give the same bytes.
 */
export async function* exportVersion(
  { database, blobs }: { readonly database: DataSource; readonly blobs: Blobs },
  version: DatasetVersion,
  { writer, container }: { readonly writer: FormatWriter; readonly container: ExportContainer },
): AsyncGenerator<Buffer> {
  const { serials } = await readPages(database.manager, version.id)
  const files = writer.files(() => entriesByAsset(database, serials), labelsOf(version))
  yield* inChunks(archiveOf[container](archived(files, blobs)))
}

function labelsOf({ counts }: DatasetVersion): string[] {
  return Object.keys(counts.labels).sort()
}

/** Files are mostly small images, which take longer to be found than to be read. */
const readAtOnce = 8

async function* archived(files: AsyncIterable<WrittenFile>, blobs: Blobs): AsyncGenerator<ArchivedFile> {
  const ahead = readAhead(files, readAtOnce, ({ name, content }) => {
    if (typeof content === 'string') return Promise.resolve({ name, bytes: Buffer.from(content) })
    return 'sha256' in content ? imageFile(name, content, blobs) : undefined
  })
  for await (const one of ahead)
    if ('read' in one) yield one.read
    else if (isLong(one.unread.content)) yield* spooledFile(one.unread.name, one.unread.content)
}

function isLong(content: WrittenFile['content']): content is AsyncIterable<string> {
  return typeof content === 'object' && Symbol.asyncIterator in content
}

/** Up to here an image is read at once; a larger one is read twice, for its checksum and for its bytes. */
const heldBytes = 1024 ** 2

async function imageFile(
  name: string,
  { sha256, size }: { readonly sha256: string; readonly size: number },
  blobs: Blobs,
): Promise<ArchivedFile> {
  if (size <= heldBytes) return { name, bytes: await blobs.get(sha256) }
  return { name, size, read: () => blobs.read(sha256) as AsyncIterable<Uint8Array> } // a stream of bytes
}

async function* spooledFile(name: string, pieces: AsyncIterable<string>): AsyncGenerator<ArchivedFile> {
  const { size, read, remove } = await spool(pieces)
  try {
    yield { name, size, read }
  } finally {
    await remove()
  }
}
