import type { FileHandle } from 'node:fs/promises'
import type { FileEntry, Files } from '../../format/format.ts'
import { checkName, checkSize, isLink, refusedArchive } from '../archived-name.ts'
import type { ImportLimits } from '../limits.ts'
import { BadArchive } from '../problem.ts'
import { readAt } from '../zip/central-directory.ts'
import { FileWindows } from '../zip/file-windows.ts'
import { block, isEnd, parseExtended, parseHeader, textOf } from './header.ts'

interface TarEntry extends FileEntry {
  /** Where its bytes begin. */
  readonly offset: number
}

const pieceBytes = 1024 * 1024
const longestExtended = 1024 * 1024
const links: Readonly<Record<string, string>> = { '1': 'hard link', '2': 'symbolic link' }

/**
 * A tar archive on disk. It has no directory: its headers are read one after the other, and what lies between them is passed
 * over. Links, devices and names that lead out are refused before a byte of a file is read.
 */
export class TarArchive implements Files {
  private readonly windows: FileWindows

  private constructor(
    private readonly file: FileHandle,
    private readonly fileSize: number,
    private readonly limits: ImportLimits,
  ) {
    this.windows = new FileWindows(file, fileSize)
  }

  /** Takes the file over, and closes it. */
  static async of(file: FileHandle, limits: ImportLimits): Promise<TarArchive> {
    return new TarArchive(file, (await file.stat()).size, limits)
  }

  /**
   * The files in it, without folders.
   * @throws BadArchive for names that leave the archive, links, other things than files, and more than the limits allow
   */
  async *entries(): AsyncGenerator<TarEntry> {
    let count = 0
    let unpacked = 0
    for await (const { type, ...entry } of this.members()) {
      const name = entry.name.replace(/^(\.\/)+/, '')
      if (++count > this.limits.entries)
        throw refusedArchive(`has more than the ${this.limits.entries} entries allowed`, 'split it')
      checkName(name)
      checkType(name, type)
      unpacked += entry.size
      if (unpacked > this.limits.totalBytes)
        throw refusedArchive(`unpacks to more than the ${this.limits.totalBytes} bytes allowed`, 'split it')
      if (entry.offset + entry.size > this.fileSize) throw truncated()
      if (type !== '5') yield { ...entry, name }
    }
  }

  /** @throws BadItem when it is larger than `maxBytes` */
  async read(wanted: FileEntry, maxBytes: number): Promise<Buffer> {
    const { offset, size } = readable(wanted, maxBytes)
    return this.windows.read(offset, offset + size)
  }

  async *stream(wanted: FileEntry, maxBytes: number): AsyncGenerator<Uint8Array> {
    const { offset, size } = readable(wanted, maxBytes)
    for (let at = offset; at < offset + size; at += pieceBytes)
      yield await readAt(this.file, at, Math.min(offset + size, at + pieceBytes))
  }

  close(): Promise<void> {
    return this.file.close()
  }

  /** What the headers name, with the names and sizes that extended headers before them say instead. */
  private async *members(): AsyncGenerator<TarEntry & { readonly type: string }> {
    let said: { readonly name?: string; readonly size?: number } = {}
    for (let at = 0; ;) {
      const bytes = await this.windows.read(at, at + block)
      if (isEnd(bytes)) return
      if (bytes.length < block) throw truncated()
      const header = parseHeader(bytes)
      if (!header) throw refusedArchive('is damaged: there is no header where one should be', 'pack it again')
      const offset = at + block
      const isExtended = 'xgLK'.includes(header.type)
      const { name = header.name, size = header.size } = isExtended ? {} : said
      if (header.type === 'x' || header.type === 'L')
        said = { ...said, ...(await this.extended(header.type, offset, size)) }
      if (!isExtended) {
        // a name that ends so was a folder before there were types; one that is only cut there is not
        const isFolder = header.type === '0' && name.endsWith('/')
        yield { name, size, offset, type: isFolder ? '5' : header.type }
        said = {}
      }
      at = offset + Math.ceil(size / block) * block
    }
  }

  private async extended(type: string, offset: number, size: number) {
    if (size > longestExtended)
      throw refusedArchive(`has an extended header of ${size} bytes`, 'pack it again')
    const bytes = await this.windows.read(offset, offset + size)
    if (bytes.length < size) throw truncated()
    if (type === 'L') return { name: textOf(bytes) }
    const values = parseExtended(bytes)
    const [path, length] = [values.get('path'), values.get('size')]
    if ([...values.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw isSparse(path ?? 'archive')
    return {
      ...(path === undefined ? {} : { name: path }),
      ...(length !== undefined && /^\d{1,15}$/.test(length) ? { size: Number(length) } : {}),
    }
  }
}

function readable(wanted: FileEntry, maxBytes: number): TarEntry {
  checkSize(wanted, maxBytes)
  return wanted as TarEntry // only entries() makes them
}

function checkType(file: string, type: string) {
  const link = links[type]
  if (link) throw isLink(file, link)
  if (type === 'S') throw isSparse(file)
  if (!'057'.includes(type))
    throw new BadArchive({ file, problem: 'is no plain file', remedy: 'pack files and folders only' })
}

function isSparse(file: string): BadArchive {
  return new BadArchive({ file, problem: 'is a sparse file', remedy: 'pack it without --sparse' })
}

function truncated(): BadArchive {
  return refusedArchive(
    'is cut short: its end is missing',
    'upload it again; `tar -tf` tells whether the original is whole',
  )
}
