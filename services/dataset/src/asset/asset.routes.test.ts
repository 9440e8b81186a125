import sharp from 'sharp'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchive, anArchiveOf, anImage } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let image: Buffer
let asset: { id: string; url: string; thumbnailUrl: string }

beforeAll(async () => {
  service = await startTestService()
  const project = await service.aProject()
  owner = project.owner
  image = await anImage({ width: 600, height: 300 })
  const { version } = await service.importArchive(
    anArchive({ 'images/a.jpg': image }),
    { projectId: project.projectId },
    owner,
  )
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { id url thumbnailUrl } } } } }`,
    { id: version.id },
    owner,
  )
  asset = data.datasetVersion.assets.edges[0].node
})
afterAll(() => service.stop())

describe('an image', () => {
  test('comes as it was imported, to be kept for ever', async () => {
    const response = await service.get(asset.url, owner)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(image)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(image.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      etag: `"${asset.id}"`,
    })
    expect((await service.get(asset.url, owner, { 'if-none-match': `"${asset.id}"` })).status).toBe(304)
  })

  test('comes in ranges', async () => {
    const part = await service.get(asset.url, owner, { range: 'bytes=2-5' })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 2-5/${image.length}`])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(image.subarray(2, 6))
    const end = await service.get(asset.url, owner, { range: 'bytes=-3' })
    expect(Buffer.from(await end.arrayBuffer())).toEqual(image.subarray(-3))
    expect((await service.get(asset.url, owner, { range: 'bytes=9999999-' })).status).toBe(416)
  })

  test('is there for members only', async () => {
    expect((await service.get(asset.url, aUser())).status).toBe(403)
    expect((await service.get(asset.url, { kind: 'nobody' })).status).toBe(401)
  })

  test('is there only in a version that holds it', async () => {
    const { projectId, owner: other } = await service.aProject()
    const { version } = await service.importArchive(await anArchiveOf(1), { projectId }, other)
    expect((await service.get(`/files/assets/${version.id}/${asset.id}`, other)).status).toBe(404)
    expect((await service.get(`/files/assets/${version.id}/..%2f..%2fsecret`, other)).status).toBe(404)
    expect((await service.get(`/files/assets/no-version/${asset.id}`, other)).status).toBe(404)
  })
})

test('a thumbnail is small, keeps the proportions, and is as guarded as the image', async () => {
  const response = await service.get(`${asset.thumbnailUrl}?size=100`, owner)
  expect(response.headers.get('content-type')).toBe('image/webp')
  const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
  expect([width, height]).toEqual([128, 64])
  const again = await service.get(`${asset.thumbnailUrl}?size=100`, owner)
  expect(again.headers.get('etag')).toBe(`"${asset.id}-128"`)
  expect((await service.get(`${asset.thumbnailUrl}?size=many`, owner)).status).toBe(400)
  expect((await service.get(asset.thumbnailUrl, aUser())).status).toBe(403)
})

test('with a store that presigns, members are sent there and others are not', async () => {
  const asked: unknown[] = []
  service.blobs.presignedUrl = (sha256, what) => {
    asked.push([sha256, what])
    return Promise.resolve(`https://bucket.example/${sha256}?signed`)
  }
  try {
    const sent = await service.get(asset.url, owner, {}, 'manual')
    expect([sent.status, sent.headers.get('location')]).toEqual([
      302,
      `https://bucket.example/${asset.id}?signed`,
    ])
    expect(sent.headers.get('cache-control')).toBe('private, max-age=60')
    expect((await service.get(asset.url, aUser(), {}, 'manual')).status).toBe(403)
    expect(asked).toEqual([[asset.id, { mediaType: 'image/jpeg', seconds: 300 }]])
  } finally {
    delete service.blobs.presignedUrl
  }
})
