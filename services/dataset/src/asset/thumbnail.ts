import { randomUUID } from 'node:crypto'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Blobs } from '@ymir/blobs'
import sharp from 'sharp'

/** Longer side in pixels. Few sizes, so that few files are made. */
export const thumbnailSizes = [64, 128, 256, 512, 1024] as const

/** The smallest size that is at least what was asked for, or the largest there is. */
export function thumbnailSize(wanted: number): number {
  return thumbnailSizes.find((size) => size >= wanted) ?? thumbnailSizes.at(-1)!
}

/**
 * A small WebP of an image, made when it is missing. As everywhere, pixels are shown as stored, without turning them by the
 * camera's orientation: boxes are drawn over them.
 * @returns path of the file
 */
export async function thumbnailOf(
  assetId: string,
  size: number,
  folder: string,
  blobs: Blobs,
): Promise<string> {
  const path = join(folder, assetId.slice(0, 2), `${assetId}-${size}.webp`)
  if (await stat(path).catch(() => undefined)) return path
  const bytes = await sharp(await blobs.get(assetId))
    .resize(size, size, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer()
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomUUID()}`
  await writeFile(unfinished, bytes)
  await rename(unfinished, path)
  return path
}
