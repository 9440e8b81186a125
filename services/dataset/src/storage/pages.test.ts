import { randomUUID } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import type { UserCaller } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { continueDataset } from '../dataset/dataset.store.ts'
import { readPages } from '../page/page.store.ts'
import type { SerialSet } from '../page/serial-set.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion } from '../testing/stored.ts'
import { createVersion } from '../version/version.store.ts'
import { deletePages } from './unreachable.ts'

let service: TestService
let owner: UserCaller
let projectId: string
beforeAll(async () => {
  service = await startTestService()
  ;({ owner, projectId } = await service.aProject())
})
afterAll(() => service.stop())

/** What was in a version that has been deleted since: nothing has its page any more, and the page is still there. */
async function whatWasThere(): Promise<SerialSet> {
  const { database } = service
  const name = `gone ${randomUUID()}`
  const { id, datasetId } = await aStoredVersion(service, { projectId, name }, [{ name }])
  const { serials } = await readPages(database.manager, id)
  const query = `mutation ($id: ID!) { deleteDataset(input: { id: $id }) { id } }`
  expect((await service.ask(query, { id: datasetId }, owner)).errors).toBeUndefined()
  return serials
}

/** Makes a version of the serials, and does something when its pages are stored and not yet named by it. */
function make(serials: SerialSet, whenPagesAreStored: () => Promise<unknown>) {
  const { database, bus } = service
  // a version is said to be there before its pages are named; nothing else of a bus is used
  const saying = {
    emit: (...said: Parameters<Bus['emit']>) => whenPagesAreStored().then(() => bus.emit(...said)),
  } as Bus
  return database.transaction(async (manager) =>
    createVersion(manager, saying, {
      dataset: await continueDataset(manager, projectId, `made ${randomUUID()}`),
      ...{ operation: 'IMPORT', parameters: {}, parents: [], actorId: '', serials },
    }),
  )
}

test('a page that a version wants at this moment stays, and collecting waits for nobody', async () => {
  const serials = await whatWasThere()
  let collected: number | undefined
  const version = await make(serials, async () => {
    collected = await service.database.transaction(deletePages)
  })
  expect(collected).toBe(0)
  expect((await readPages(service.database.manager, version.id)).serials).toEqual(serials)
})

test('a page that goes at the moment when a version wants it is stored again', async () => {
  const serials = await whatWasThere()
  const { database } = service
  const runner = database.createQueryRunner()
  await runner.startTransaction()
  expect(await deletePages(runner.manager)).toBe(1)
  const making = make(serials, () => Promise.resolve())
  await waitUntil('the version to wait for the collection', isWaiting)
  await runner.commitTransaction()
  await runner.release()
  const { id } = await making
  expect((await readPages(database.manager, id)).serials).toEqual(serials)
})

test('a page that another version stored at the same moment is held too, whatever becomes of that version', async () => {
  const serials = await whatWasThere()
  const { database } = service
  expect(await database.transaction(deletePages)).toBe(1)
  let collected: number | undefined
  let second: ReturnType<typeof make> | undefined
  const first = make(serials, async () => {
    // the second one sees no such page, and waits for the first when it stores its own
    second = make(serials, async () => {
      await database.query('delete from version_pages where version_id = $1', [(await first).id])
      collected = await database.transaction(deletePages)
    })
    await waitUntil('the second version to wait for the first', isWaiting)
  })
  await first
  const { id } = await second!
  expect(collected).toBe(0)
  expect((await readPages(database.manager, id)).serials).toEqual(serials)
})

async function isWaiting(): Promise<boolean> {
  const waiting: unknown[] = await service.database.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return waiting.length > 0
}
