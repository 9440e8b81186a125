import { constants, type BigIntStats } from 'node:fs'
import { lstat, open, opendir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileEntry, Files } from '../format/format.ts'
import type { ImportLimits } from './limits.ts'
import { BadArchive, BadItem } from './problem.ts'

const pieceBytes = 1024 * 1024

/**
 * A folder of the server. Links are refused wherever they lead: when the folder is listed, and again when a file is
 * opened, for whoever may write there may change it in between.
 */
export class Folder implements Files {
  /** @param root without links, see `findServerPath` */
  constructor(
    private readonly root: string,
    private readonly limits: ImportLimits,
  ) {}

  /** Folder by folder in the order of their names. */
  async *entries(): AsyncGenerator<FileEntry> {
    let count = 0
    for await (const name of this.names('')) {
      if (++count > this.limits.entries)
        throw new BadArchive({
          file: 'archive',
          problem: `has more than the ${this.limits.entries} files allowed`,
          remedy: 'split it',
        })
      const found = await lstat(join(this.root, name)).catch(() => undefined) // gone since: reading it tells
      yield { name, size: found?.size ?? 0 }
    }
  }

  async read(entry: FileEntry, maxBytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.stream(entry, maxBytes)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  async *stream({ name, size }: FileEntry, maxBytes: number): AsyncGenerator<Uint8Array> {
    const file = await this.open(name)
    try {
      let total = 0
      for (;;) {
        const { buffer, bytesRead } = await file.read({
          buffer: Buffer.allocUnsafe(Math.min(size + 1, pieceBytes)),
        })
        if (bytesRead === 0) return
        total += bytesRead
        if (total > maxBytes)
          throw new BadItem({
            file: name,
            found: `${Math.max(size, total)} bytes`,
            problem: `are more than the ${maxBytes} allowed`,
            remedy: 'make it smaller or leave it out',
          })
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  private async *names(folder: string): AsyncGenerator<string> {
    const children = []
    for await (const child of await opendir(join(this.root, folder))) children.push(child)
    children.sort((one, other) => (one.name < other.name ? -1 : 1))
    for (const child of children) {
      const name = folder ? `${folder}/${child.name}` : child.name
      if (child.isSymbolicLink())
        throw new BadArchive({
          file: name,
          problem: 'is a symbolic link',
          remedy: 'put the files themselves there',
        })
      if (child.isDirectory()) yield* this.names(name)
      if (child.isFile()) yield name
    }
  }

  /** Opens what lies at this very place: neither the file nor a folder on the way to it is a link. */
  private async open(name: string): Promise<FileHandle> {
    const path = join(this.root, name)
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined)
    if (!file) throw changed(name)
    const there = (await realpath(path)) === path && (await stat(path, { bigint: true }))
    const opened = await file.stat({ bigint: true })
    if (there && isSame(there, opened) && opened.isFile()) return file
    await file.close()
    throw changed(name)
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}

function changed(file: string): BadItem {
  return new BadItem({
    file,
    problem: 'is gone, a link, or may not be read',
    remedy: 'put the file itself there and let the service read it',
  })
}
