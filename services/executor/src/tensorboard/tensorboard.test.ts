import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { aMember, serve, type Served } from '../testing/served.ts'
import { aTensorboardEvent, aTensorboardRecord, logged } from '../testing/tensorboard-record.ts'
import { readEvent } from './event.ts'

const { simple, image, histogram, plugin, strings, number } = logged
const everyKind = aTensorboardEvent(7, [
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
  const records = aTensorboardRecord(everyKind)
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
