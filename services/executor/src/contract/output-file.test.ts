import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findStageFiles, storeStageFiles } from '../watch/stage-files.ts'
import { jobFolders, type JobFolders } from './layout.ts'
import { readOutputHead, readOutputLines, readOutputText } from './output-file.ts'

let home: string
let folders: JobFolders
let out: (...names: string[]) => string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ymir-output-'))
  folders = jobFolders(home, 'j1')
  out = (...names) => join(folders.output, ...names)
  await mkdir(out('models'), { recursive: true })
  await writeFile(join(home, 'secret'), 'of the platform')
})
afterEach(() => rm(home, { recursive: true }))

const read = () => readOutputText('/out/result.tsv', folders, 100)
const refused = (problem: string) => ({ code: 'CONTRACT_VIOLATION', message: `/out/result.tsv: ${problem}` })

test('a link that leads out of /out is not followed, as file or as folder', async () => {
  await symlink(join(home, 'secret'), out('result.tsv'))
  await expect(read()).rejects.toMatchObject(refused('is a link that leads out of /out'))
  await symlink(home, out('models', 'epoch_1'))
  const stage = { name: 'epoch_1', files: ['secret'], metrics: {} }
  await expect(findStageFiles(stage, true, folders)).rejects.toMatchObject({
    message: '/out/models/epoch_1/secret: is a link that leads out of /out',
  })
})

test('a link within /out is followed, and stored as what it leads to', async () => {
  await writeFile(out('models', 'epoch_2.pt'), 'weights')
  await symlink('epoch_2.pt', out('models', 'best.pt'))
  const found = await findStageFiles({ name: 'best', files: ['best.pt'], metrics: {} }, true, folders)
  const blobs = await openBlobs(join(home, 'blobs'))
  const [file] = (found && (await storeStageFiles(found, folders, blobs))) ?? []
  expect((await blobs.get(file?.sha256 ?? '')).toString()).toBe('weights')
})

test('a pipe is not waited for, a folder is no file', async () => {
  expect(spawnSync('mkfifo', [out('result.tsv')]).status).toBe(0)
  await expect(read()).rejects.toMatchObject(refused('is not a file'))
  await rm(out('result.tsv'))
  await mkdir(out('result.tsv'))
  await expect(read()).rejects.toMatchObject(refused('is not a file'))
})

test('what is larger than the limit is refused, of monitor.txt the beginning is read', async () => {
  await writeFile(out('result.tsv'), 'x'.repeat(101))
  await expect(read()).rejects.toMatchObject(refused('has 101 bytes; at most 100 are read'))
  expect(await readOutputHead('/out/result.tsv', folders, 10)).toBe('x'.repeat(10))
})

test('a file that is not there is none, and a dangling link too', async () => {
  expect(await read()).toBeUndefined()
  await symlink('nowhere', out('result.tsv'))
  expect(await read()).toBeUndefined()
  expect(await readOutputHead('/out/monitor.txt', folders, 10)).toBeUndefined()
})

test('lines come one by one, and one without an end is refused', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`)
  await writeFile(out('result.tsv'), lines.join('\n'))
  const all = async () => {
    const found: string[] = []
    for await (const line of readOutputLines('/out/result.tsv', folders)) found.push(line)
    return found
  }
  expect(await all()).toEqual(lines)
  await writeFile(out('result.tsv'), `one\n${'x'.repeat(1_000_000)}`)
  await expect(all()).rejects.toMatchObject({
    message: '/out/result.tsv:2: is longer than 65536 characters',
  })
})

test('a folder that becomes a link while files in it are opened gives nothing away', async () => {
  await writeFile(out('models', 'secret'), 'mine')
  await symlink(home, out('trap'))
  let swapping = true
  const swap = (async () => {
    while (swapping) {
      await rename(out('models'), out('aside'))
      await rename(out('trap'), out('models'))
      await rename(out('models'), out('trap'))
      await rename(out('aside'), out('models'))
    }
  })()
  const seen = new Set<string | undefined>()
  const look = () => readOutputText('/out/models/secret', folders, 100).catch(() => undefined) // refused
  for (let times = 0; times < 2_000; times += 1) seen.add(await look())
  swapping = false
  await swap
  expect([...seen].toSorted()).toEqual(['mine', undefined])
})
