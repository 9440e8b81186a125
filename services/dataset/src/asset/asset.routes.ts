import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { DomainError, notFound, sendFile } from '@ymir/graphql'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { DataSource } from 'typeorm'
import type { DatasetServices } from '../context.ts'
import { hasBit, pageLength } from '../page/bits.ts'
import { decodeBits } from '../page/encoding.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'
import { type ImageFormat, mediaTypes } from '@ymir/images'
import { thumbnailSize } from './thumbnail.ts'

interface AssetPath {
  Params: { versionId: string; sha256: string }
  Querystring: { size?: string }
}

/** An image under this address never changes. */
const cacheControl = 'private, max-age=31536000, immutable'
const presignedSeconds = 300

/** The images of a version and small ones of them, for those who may see the version's project. */
export function assetRoutes(app: FastifyInstance, { database, blobs, thumbnails }: DatasetServices): void {
  app.get<AssetPath>('/files/assets/:versionId/:sha256', async (request, reply) => {
    const { sha256 } = request.params
    const format = await formatIn(database, request)
    const size = await blobs.size(sha256)
    if (size === undefined) throw notFound('image', sha256)
    const presigned = await blobs.presignedUrl?.(sha256, {
      mediaType: mediaTypes[format],
      seconds: presignedSeconds,
    })
    // not kept longer than the address works
    if (presigned) return reply.header('cache-control', 'private, max-age=60').redirect(presigned, 302)
    return sendFile(request, reply, {
      type: mediaTypes[format],
      size,
      etag: `"${sha256}"`,
      cacheControl,
      read: (range) => blobs.read(sha256, range),
    })
  })

  app.get<AssetPath>('/files/thumbnails/:versionId/:sha256', async (request, reply) => {
    const { sha256 } = request.params
    await formatIn(database, request)
    const side = thumbnailSize(wantedSize(request.query.size))
    const path = await thumbnails.of(sha256, side)
    const { size } = await stat(path)
    return sendFile(request, reply, {
      type: 'image/webp',
      size,
      etag: `"${sha256}-${side}"`,
      cacheControl,
      read: (range) => createReadStream(path, range),
    })
  })
}

/** Checks the caller's right and that the version holds the asset; gives the asset's format. */
async function formatIn(database: DataSource, request: FastifyRequest<AssetPath>): Promise<ImageFormat> {
  const { versionId, sha256 } = request.params
  const version = await readVersion(database.manager, versionId)
  await requireReadable({ access: request.ymir.access, database }, version)
  const missing = notFound('asset in this version', sha256)
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing
  const candidates: { serial: string; bits: Buffer; format: ImageFormat }[] = await database.query(
    `select serial, bits, format from entries
       join assets on assets.id = asset_id
       join version_pages on version_id = $1 and page_number = serial / ${pageLength}
       join pages on hash = page_hash
      where asset_id = decode($2, 'hex')`,
    [version.id, sha256],
  )
  const found = candidates.find(({ serial, bits }) => hasBit(decodeBits(bits), Number(serial) % pageLength))
  if (!found) throw missing
  return found.format
}

function wantedSize(text: string | undefined): number {
  const size = Number(text ?? 256)
  if (Number.isInteger(size) && size > 0) return size
  throw new DomainError('BAD_USER_INPUT', `size "${text}" is not a whole number of pixels`, { field: 'size' })
}
