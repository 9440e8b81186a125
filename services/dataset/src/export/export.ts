import type { Blobs } from '@ymir/blobs'
import type { DataSource } from 'typeorm'
import type { FormatWriter, WrittenFile } from '../format/format.ts'
import { readPages } from '../page/page.store.ts'
import { entriesByAsset } from '../version/ordered-entries.ts'
import type { DatasetVersion } from '../version/version.entity.ts'
import type { ArchivedFile } from './archived-file.ts'
import { spool } from './spool.ts'
import { tarOf } from './tar-writer.ts'
import { zipOf } from './zip-writer.ts'

/** How the files of an export are put into one. */
export const ExportContainer = { ZIP: 'ZIP', TAR: 'TAR' } as const
export type ExportContainer = keyof typeof ExportContainer

const archiveOf: Readonly<Record<ExportContainer, typeof zipOf>> = { ZIP: zipOf, TAR: tarOf }

/**
 * A version in some format, made while it is read. Memory: some hundred entries and at most a megabyte of an image; a file that
 * is about all images goes through the disk. Versions with equal roots give the same bytes.
 */
export async function* exportVersion(
  { database, blobs }: { readonly database: DataSource; readonly blobs: Blobs },
  version: DatasetVersion,
  { writer, container }: { readonly writer: FormatWriter; readonly container: ExportContainer },
): AsyncGenerator<Buffer> {
  const { serials } = await readPages(database.manager, version.id)
  const files = writer.files(() => entriesByAsset(database, serials), labelsOf(version))
  yield* archiveOf[container](archived(files, blobs))
}

function labelsOf({ counts }: DatasetVersion): string[] {
  return Object.keys(counts.labels).sort()
}

async function* archived(files: AsyncIterable<WrittenFile>, blobs: Blobs): AsyncGenerator<ArchivedFile> {
  for await (const { name, content } of files) {
    if (typeof content === 'string') yield { name, bytes: Buffer.from(content) }
    else if ('sha256' in content) yield await imageFile(name, content, blobs)
    else yield* spooledFile(name, content)
  }
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
