import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { refusedArchive } from '../archived-name.ts'
import type { ImportLimits } from '../limits.ts'
import { block, isEnd, parseHeader } from './header.ts'

/**
 * The tar in a tar.gz, unpacked: gzip gives no way to a file in its middle. It has no name on the disk, so that nothing is left
 * of it however the process ends.
 * @param scratch folder for it
 * @throws BadArchive when it is damaged, no tar, or unpacks to more than the limits allow
 */
export async function gunzipTar(path: string, scratch: string, limits: ImportLimits): Promise<FileHandle> {
  await mkdir(scratch, { recursive: true })
  const place = join(scratch, `unpacked-${randomUUID()}`)
  const file = await open(place, 'wx+')
  try {
    await rm(place)
    const { size } = await stat(path)
    await write(unpacked(path), file, { ...limits, packed: size })
    return file
  } catch (error) {
    await file.close()
    throw problemOf(error)
  }
}

/** Ends with the reader's own error when the reader throws one, unlike `pipeline`. */
async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(path)
  const pieces = packed.pipe(createGunzip())
  packed.once('error', (error) => pieces.destroy(error))
  try {
    yield* pieces as AsyncIterable<Buffer> // gunzip gives bytes
  } finally {
    packed.destroy()
  }
}

async function write(
  pieces: AsyncIterable<Buffer>,
  file: FileHandle,
  { totalBytes, ratio, ratioFromBytes, packed }: ImportLimits & { readonly packed: number },
): Promise<void> {
  let written = 0
  let start = Buffer.alloc(0)
  for await (const piece of pieces) {
    if (start.length < block) {
      start = Buffer.concat([start, piece])
      if (start.length >= block) checkTar(start.subarray(0, block))
    }
    await file.writeFile(piece) // behind what was written before
    written += piece.length
    if (written > totalBytes)
      throw refusedArchive(`unpacks to more than the ${totalBytes} bytes allowed`, 'split it')
    if (written > ratioFromBytes && written > packed * ratio)
      throw refusedArchive(
        `unpacks to more than ${ratio} times its ${packed} bytes: it looks like a gzip bomb`,
        'pack the images as they are',
      )
  }
  if (start.length < block) checkTar(start)
}

function checkTar(start: Buffer) {
  if (!parseHeader(start) && !isEnd(start))
    throw refusedArchive('is a gzip file that holds no tar archive', 'pack the folder with `tar -czf`')
}

function problemOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'Z_BUF_ERROR')
    return refusedArchive(
      'is cut short: its end is missing',
      'upload it again; `gzip -t` tells whether the original is whole',
    )
  if (code.startsWith('Z_')) return refusedArchive('is damaged', 'pack it again')
  if (code === 'ENOSPC')
    return refusedArchive('does not fit on the disk when it is unpacked', 'pack it as a zip or a plain tar')
  return error
}
