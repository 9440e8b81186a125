import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf } from './testing/client.ts'
import { vendorsOf } from './testing/vendor.ts'
import { someAssets, startTestPlatform, type TestPlatform } from './testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const labellingTaskId = randomUUID

test('a task requested twice under one id is made once', async () => {
  const id = labellingTaskId()
  const versionId = await platform.aVersion(someAssets(2))
  await platform.requestTask(versionId, { labellingTaskId: id })
  await platform.requestTask(await platform.aVersion(someAssets(5)), { labellingTaskId: id })
  const last = await platform.requestTask(versionId)

  await platform.stateSaid(last, 'OPEN')
  const { itemCount } = await clientOf(platform, platform.someone('VIEWER')).ready(id)
  expect(itemCount).toBe(2)
  expect(platform.statesOf(id)).toEqual(['OPEN'])
})

test('a requested task takes what the request says', async () => {
  const id = await platform.requestTask(await platform.aVersion(someAssets(1)), {
    classes: ['brick', 'plate', 'brick'],
    keepAnnotations: true,
  })

  const task = await clientOf(platform, platform.someone('VIEWER')).ready(id)
  expect(task).toMatchObject({ name: 'pool, round 1', classes: ['brick', 'plate'], keepAnnotations: true })
})

test('a task requested for a vendor is the one that it sees', async () => {
  const vendors = vendorsOf(platform)
  const { id: vendorId } = await vendors.create()
  const taskId = await platform.requestTask(await platform.aVersion(someAssets(2)), { vendorId })
  await vendors.people.ready(taskId)
  expect(await vendors.itemsFor(vendorId, taskId)).toHaveLength(2)
  await expect(vendors.itemsFor((await vendors.create()).id, taskId)).rejects.toThrow('there is no')
})

test('a request whose ids are none is passed over, and the next is heard', async () => {
  await platform.requestTask('no version')
  await platform.requestTask(await platform.aVersion(someAssets(1)), { automaticLabellerId: 'nobody' })
  const taskId = await platform.requestTask(await platform.aVersion(someAssets(1)))

  await platform.stateSaid(taskId, 'OPEN')
  expect(platform.told.filter(({ state }) => state === 'OPEN').map((one) => one.taskId)).not.toContain(
    'no version',
  )
})

test('a request about a version or vendor that is not of the project, or without classes, fails with the reason', async () => {
  const foreign = await platform.requestTask(await platform.aVersion(someAssets(1), { of: randomUUID() }))
  const nothing = await platform.requestTask(await platform.aVersion(someAssets(1)), { classes: [] })
  const unknown = await platform.requestTask(await platform.aVersion(someAssets(1)), {
    vendorId: randomUUID(),
  })

  expect((await platform.stateSaid(foreign, 'FAILED')).problem).toMatch(/^there is no dataset version in/)
  expect((await platform.stateSaid(unknown, 'FAILED')).problem).toMatch(/^there is no vendor in this project/)
  expect((await platform.stateSaid(nothing, 'FAILED')).problem).toMatch(/names no classes/)
})

test('a version or its failure heard twice ends the task once', async () => {
  const editor = clientOf(platform, platform.someone('EDITOR'))
  const taskIds = [
    await platform.requestTask(await platform.aVersion(someAssets(1))),
    await platform.requestTask(await platform.aVersion(someAssets(1))),
  ]
  for (const taskId of taskIds) {
    const { items } = await editor.ready(taskId)
    await editor.claim(taskId)
    await editor.submit(items[0]!.id)
  }
  const [good, bad] = await Promise.all(taskIds.map((taskId) => platform.requestFor(taskId)))

  await platform.created(good!, 1)
  await platform.created(good!, 1)
  await platform.failed(good!, 'too late')
  await platform.failed(bad!, 'no such label')
  await platform.failed(bad!, 'no such label')
  await platform.created(bad!)
  await platform.stateSaid(await platform.requestTask(await platform.aVersion(someAssets(1))), 'OPEN')

  await expect
    .poll(() => taskIds.map((taskId) => platform.statesOf(taskId)))
    .toEqual([
      ['OPEN', 'STORING', 'SUCCEEDED'],
      ['OPEN', 'STORING', 'FAILED'],
    ])
})
