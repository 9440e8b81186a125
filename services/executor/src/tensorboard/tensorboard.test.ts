import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { aMember, serve, type Served } from '../testing/served.ts'
import { maskedCrc32c } from './crc32c.ts'
import { readEvent } from './event.ts'

/** Fields of a summary's value, in the numbers of summary.proto. */
type Fill = (value: BinaryWriter) => void
const bytesField = (number: number, fill: Fill) => (writer: BinaryWriter) => {
  const inner = new BinaryWriter()
  fill(inner)
  writer.tag(number, WireType.LengthDelimited).bytes(inner.finish())
}
const simple =
  (value: number): Fill =>
  (writer) =>
    void writer.tag(2, WireType.Bit32).float(value)
const image: Fill = bytesField(4, (inner) => inner.tag(1, WireType.Varint).int32(8))
const histogram: Fill = bytesField(5, (inner) => inner.tag(1, WireType.Bit64).double(0))
const plugin = (name: string): Fill =>
  bytesField(
    9,
    bytesField(1, (inner) => inner.tag(1, WireType.LengthDelimited).string(name)),
  )
const strings: Fill = bytesField(8, (inner) => inner.tag(1, WireType.Varint).int32(7))
const number: Fill = bytesField(8, (inner) =>
  inner.tag(1, WireType.Varint).int32(1).tag(5, WireType.Bit32).float(0.5),
)

function anEvent(step: number, values: readonly (readonly [tag: string, ...fields: Fill[]])[]): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Bit64).double(1_700_000_000)
  writer.tag(2, WireType.Varint).int64(step)
  bytesField(5, (summary) => {
    for (const [tag, ...fields] of values)
      bytesField(1, (value) => {
        value.tag(1, WireType.LengthDelimited).string(tag)
        for (const fill of fields) fill(value)
      })(summary)
  })(writer)
  return writer.finish()
}

function aRecord(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(12)
  header.writeBigUInt64LE(BigInt(payload.length))
  header.writeUInt32LE(maskedCrc32c(header.subarray(0, 8)), 8)
  const end = Buffer.alloc(4)
  end.writeUInt32LE(maskedCrc32c(payload))
  return Buffer.concat([header, payload, end])
}

const everyKind = anEvent(7, [
  ['loss', simple(0.25)],
  ['accuracy', number, plugin('scalars')],
  ['boxes', image],
  ['masks', strings, plugin('images')],
  ['notes', strings, plugin('text')],
  ['weights', histogram],
  ['curve', strings, plugin('pr_curves')],
])

test('tags are known by what is logged under them, as both TensorFlow versions and PyTorch write it', () => {
  const { tags, scalars } = readEvent(everyKind)
  expect(Object.fromEntries(tags.map(({ tag, kind }) => [tag, kind]))).toEqual({
    loss: 'SCALAR',
    accuracy: 'SCALAR',
    boxes: 'IMAGE',
    masks: 'IMAGE',
    notes: 'TEXT',
    weights: 'OTHER',
    curve: 'OTHER',
  })
  expect(scalars.map(({ tag, step, value }) => [tag, step, value])).toEqual([
    ['loss', 7, 0.25],
    ['accuracy', 7, 0.5],
  ])
})

let platform: Platform
let served: Served
beforeAll(async () => {
  platform = await aPlatform()
  served = await serve(platform)
})
afterAll(async () => {
  await served.stop()
  await platform.close()
})

test('a job lists its tags and event files, which who may see the project reads, whole or in part', async () => {
  const id = await platform.request(await aTraining(platform, { behave: 'wait' }))
  await platform.reaches(id, 'RUNNING')
  const { output, root } = jobFolders(platform.jobsFolder, id)
  const place = join(output, 'tensorboard')
  const name = 'events.out.tfevents.1700000000.machine.1.0'
  const records = aRecord(everyKind)
  await mkdir(join(place, 'run one'))
  await writeFile(join(place, 'run one', name), records)
  // what a hostile image leaves beside it
  await writeFile(join(root, 'tfevents.private'), 'not for images')
  await symlink(join(root, 'tfevents.private'), join(place, 'events.out.tfevents.link'))
  await symlink(root, join(place, 'up'))
  await appendFile(join(place, 'run one', name), records.subarray(0, 20)) // another record, half-written

  const query = `query($id: ID!) { job(id: $id) {
    scalars { tag } tensorboard { tags { tag kind run } files { path size url } } } }`
  interface Answer {
    job: {
      scalars: { tag: string }[]
      tensorboard: { tags: { tag: string; kind: string; run: string }[]; files: { url: string }[] }
    }
  }
  const { job } = await waitUntil('the tags', async () => {
    const answer = await served.ask<Answer>(query, { id })
    return answer.job.tensorboard.tags.length > 0 && answer
  })
  expect(job.tensorboard.tags).toHaveLength(7)
  expect(job.tensorboard.tags).toContainEqual({ tag: 'boxes', kind: 'IMAGE', run: 'run one' })
  expect(job.scalars).toEqual([{ tag: 'run one/accuracy' }, { tag: 'run one/loss' }])
  const url = `/files/jobs/${id}/tensorboard/run%20one/${name}`
  expect(job.tensorboard.files).toEqual([{ path: `run one/${name}`, size: records.length + 20, url }])

  const viewer = aMember({ [platform.projectId]: 'VIEWER' })
  const whole = await served.get(url, viewer)
  expect(Buffer.from(await whole.arrayBuffer()).subarray(0, records.length)).toEqual(records)
  const part = await served.get(url, viewer, { range: 'bytes=8-11' })
  expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, records.subarray(8, 12)])
  expect((await served.get(url, aMember())).status).toBe(404)
  for (const path of [
    'events.out.tfevents.link',
    'up/tfevents.private',
    '..%2F..%2Ftfevents.private',
    'run%20one',
  ]) {
    const answer = await served.get(`/files/jobs/${id}/tensorboard/${path}`, viewer)
    expect([path, answer.status, await answer.text()]).toEqual([
      path,
      404,
      expect.not.stringContaining('not for'),
    ])
  }
  await writeFile(join(output, 'go'), '')
  expect(await platform.ends(id)).toMatchObject({ state: 'SUCCEEDED' })
})
