import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobFolders, type JobFolders } from './layout.ts'
import { openOutFile, readOutText } from './out-file.ts'

let home: string
let folders: JobFolders
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ymir-out-'))
  folders = jobFolders(home, 'job')
  await mkdir(join(folders.output, 'models'), { recursive: true })
  await writeFile(join(home, 'secret.txt'), 'a secret of this machine')
})
afterEach(() => rm(home, { recursive: true }))

const read = (path: string) => readOutText(path, folders)

test('a file that the image wrote is read', async () => {
  await writeFile(join(folders.output, 'monitor.txt'), 'hello')
  expect(await read('/out/monitor.txt')).toBe('hello')
})

test('a link is never followed, neither as the file nor as a folder on the way', async () => {
  await symlink(join(home, 'secret.txt'), join(folders.output, 'monitor.txt'))
  await symlink(home, join(folders.output, 'tensorboard'))
  expect(await read('/out/monitor.txt')).toBeUndefined()
  expect(await read('/out/tensorboard/secret.txt')).toBeUndefined()
})

test('a link within /out may be a folder, as some images name their last stage', async () => {
  await writeFile(join(folders.output, 'models', 'a.onnx'), 'weights')
  await symlink('models', join(folders.output, 'latest'))
  expect(await read('/out/latest/a.onnx')).toBe('weights')
})

test('a path that leads upwards is as missing as any', async () => {
  expect(await read('/out/../../secret.txt')).toBeUndefined()
})

test('a pipe is not waited for, a folder is not read', async () => {
  execFileSync('mkfifo', [join(folders.output, 'monitor.txt')])
  expect(await read('/out/monitor.txt')).toBeUndefined()
  expect(await read('/out/models')).toBeUndefined()
})

test('a folder that becomes a link while files in it are opened gives away nothing', async () => {
  const [real, aside, trap] = ['models', 'aside', 'trap'].map((name) => join(folders.output, name))
  await writeFile(join(real!, 'secret.txt'), 'mine')
  await symlink(home, trap!)
  let swapping = true
  const swap = (async () => {
    while (swapping) {
      await rename(real!, aside!)
      await rename(trap!, real!)
      await rename(real!, trap!)
      await rename(aside!, real!)
    }
  })()
  const seen = new Set<string | undefined>()
  for (let look = 0; look < 2_000; look += 1) seen.add(await read('/out/models/secret.txt'))
  swapping = false
  await swap
  expect([...seen].filter((text) => text !== 'mine' && text !== undefined)).toEqual([])
})

test('a file that is too long is refused, or cut where its start is enough', async () => {
  await writeFile(join(folders.output, 'monitor.txt'), 'x'.repeat(100))
  expect(await readOutText('/out/monitor.txt', folders, { maxBytes: 10, cut: true })).toBe('x'.repeat(10))
  await expect(readOutText('/out/monitor.txt', folders, { maxBytes: 10 })).rejects.toMatchObject({
    code: 'CONTRACT_VIOLATION',
    message: '/out/monitor.txt has 100 bytes; at most 10 are read',
  })
})

test('an opened file can be read as a stream', async () => {
  await writeFile(join(folders.output, 'models', 'a.onnx'), 'weights')
  const file = await openOutFile('/out/models/a.onnx', folders)
  let text = ''
  for await (const chunk of file!.createReadStream()) text += String(chunk)
  expect(text).toBe('weights')
})
