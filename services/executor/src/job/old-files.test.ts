import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { administrator, serve, type Served } from '../testing/served.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { removeOldFiles } from './old-files.ts'

let platform: Platform
let asking: Served
beforeAll(async () => {
  platform = await aPlatform()
  asking = await serve(platform)
}, 60_000)
afterAll(async () => {
  await asking.stop()
  await platform.close()
})

test('the files of a job that ended long ago go, its log and its stages stay', async () => {
  const id = await platform.request(await aTraining(platform))
  await platform.ends(id, 30_000)
  const { output, log } = jobFolders(platform.jobsFolder, id)
  const { manager } = platform.database

  await removeOldFiles(manager, platform.jobsFolder, 30)
  expect(existsSync(output)).toBe(true)

  await manager.query(`update jobs set finished_at = now() - interval '31 days' where id = $1`, [id])
  await removeOldFiles(manager, platform.jobsFolder, 30)
  expect(existsSync(output)).toBe(false)
  expect(await readFile(log, 'utf8')).toContain('hello from the sample image')
  const query = 'query ($id: ID!) { job(id: $id) { state stages { name } tensorboard { files { path } } } }'
  const { data } = await asking.answer(administrator, query, { id })
  expect(data.job).toEqual({
    state: 'SUCCEEDED',
    stages: [{ name: 'epoch_1' }, { name: 'epoch_2' }],
    tensorboard: { files: [] },
  })
})
