import { randomUUID } from 'node:crypto'
import { mkdir, opendir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Blobs } from '@ymir/blobs'
import { DomainError } from '@ymir/graphql'
import { log } from '@ymir/service'
import sharp from 'sharp'
import { importLimits } from '../import/limits.ts'

/** Longer side in pixels. Few sizes, so that few files are made. */
export const thumbnailSizes = [64, 128, 256, 512, 1024] as const

/** The smallest size that is at least what was asked for, or the largest there is. */
export function thumbnailSize(wanted: number): number {
  return thumbnailSizes.find((size) => size >= wanted) ?? thumbnailSizes.at(-1)!
}

export interface ThumbnailLimits {
  /** Bytes of all files; when there are more, those longest not looked at go. */
  readonly bytes: number
  /** How many are made at once; others wait. */
  readonly atOnce: number
  readonly seconds: number
}

const usualLimits: ThumbnailLimits = { bytes: 5 * 1024 ** 3, atOnce: 4, seconds: 20 }
/** Room that a clearing makes, so that it is not needed again at once. */
const clearedShare = 0.8
const touchedEveryMs = 3_600_000

/**
 * Small WebP images in a folder, which may be emptied at any time. Each is made when first asked for, once, however many ask;
 * what takes too long or claims too many pixels is refused.
 */
export class Thumbnails {
  private readonly making = new Map<string, Promise<void>>()
  private readonly waiting: (() => void)[] = []
  private running = 0
  /** Unknown until the folder was looked through. */
  private bytes: number | undefined
  private clearing: Promise<void> | undefined

  constructor(
    private readonly folder: string,
    private readonly blobs: Blobs,
    private readonly limits: ThumbnailLimits = usualLimits,
  ) {}

  /**
   * A small image of an asset. As everywhere, pixels are shown as stored, without turning them by the camera's orientation:
   * boxes are drawn over them.
   * @returns path of the file
   * @throws DomainError BAD_IMAGE
   */
  async of(assetId: string, size: number): Promise<string> {
    const path = join(this.folder, assetId.slice(0, 2), `${assetId}-${size}.webp`)
    if (await this.look(path)) return path
    let made = this.making.get(path)
    if (!made) {
      made = this.make(assetId, size, path).finally(() => this.making.delete(path))
      this.making.set(path, made)
    }
    await made
    return path
  }

  /** When clearing has ended, if it is under way. */
  async settled(): Promise<void> {
    await this.clearing
  }

  /** Whether it is there; notes now and then that somebody wanted it. */
  private async look(path: string): Promise<boolean> {
    const found = await stat(path).catch(() => undefined)
    if (!found) return false
    const now = new Date()
    if (now.getTime() - found.mtimeMs > touchedEveryMs) await utimes(path, now, now).catch(() => undefined)
    return true
  }

  private async make(assetId: string, size: number, path: string): Promise<void> {
    await this.turn()
    try {
      const original = await this.blobs.get(assetId)
      const bytes = await sharp(original, { limitInputPixels: importLimits.pixels })
        .timeout({ seconds: this.limits.seconds })
        .resize(size, size, { fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80 })
        .toBuffer()
        .catch((error: unknown) => {
          throw new DomainError('BAD_IMAGE', `image ${assetId} cannot be made smaller: ${String(error)}`)
        })
      await mkdir(dirname(path), { recursive: true })
      const unfinished = `${path}.${randomUUID()}`
      await writeFile(unfinished, bytes)
      await rename(unfinished, path)
      if (this.bytes !== undefined) this.bytes += bytes.length
    } finally {
      this.handOn()
    }
    this.clearWhenFull()
  }

  private async turn(): Promise<void> {
    if (this.running < this.limits.atOnce) this.running++
    else await new Promise<void>((go) => this.waiting.push(go))
  }

  private handOn(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.running--
  }

  private clearWhenFull(): void {
    if (this.clearing || (this.bytes !== undefined && this.bytes <= this.limits.bytes)) return
    this.clearing = this.clear()
      .catch((error: unknown) => log.error('thumbnails could not be cleared', error))
      .finally(() => (this.clearing = undefined))
  }

  /** Looks through the folder; when there is too much in it, removes what nobody looked at for the longest time. */
  private async clear(): Promise<void> {
    const files: { path: string; bytes: number; wantedAt: number }[] = []
    for await (const entry of await opendir(this.folder, { recursive: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const found = await stat(path).catch(() => undefined)
      if (found) files.push({ path, bytes: found.size, wantedAt: found.mtimeMs })
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (bytes > this.limits.bytes) {
      files.sort((one, other) => one.wantedAt - other.wantedAt)
      for (const file of files) {
        if (bytes <= this.limits.bytes * clearedShare) break
        await rm(file.path, { force: true })
        bytes -= file.bytes
      }
    }
    this.bytes = bytes
  }
}
