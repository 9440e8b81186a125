import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FileEntry } from '../format/format.ts'
import { Folder } from './folder.ts'
import { importLimits } from './limits.ts'

let home: string
let root: string
let folder: Folder
let entry: FileEntry

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'ymir-folder-')))
  root = join(home, 'set')
  for (const place of ['set/images', 'secret']) await mkdir(join(home, place), { recursive: true })
  await writeFile(join(root, 'images/1.jpg'), 'image')
  await writeFile(join(home, 'secret/1.jpg'), 'secret')
  folder = new Folder(root, importLimits)
  for await (const one of folder.entries()) entry = one
})
afterEach(() => rm(home, { recursive: true }))

const read = () => folder.read(entry, importLimits.imageBytes)

test('a file that stays is read', async () => {
  expect(entry).toEqual({ name: 'images/1.jpg', size: 5 })
  expect((await read()).toString()).toBe('image')
})

test('a file that became a link after it was listed is not read', async () => {
  await rm(join(root, 'images/1.jpg'))
  await symlink(join(home, 'secret/1.jpg'), join(root, 'images/1.jpg'))
  await expect(read()).rejects.toThrow('is gone, a link, or may not be read')
})

test('a file whose folder became a link after it was listed is not read', async () => {
  await rename(join(root, 'images'), join(home, 'before'))
  await symlink(join(home, 'secret'), join(root, 'images'))
  await expect(read()).rejects.toThrow('is gone, a link, or may not be read')
})

test('a file that is gone while the folder is listed does not end the import', async () => {
  await writeFile(join(root, 'images/2.jpg'), 'image')
  const entries = folder.entries()
  await entries.next()
  await rm(join(root, 'images/2.jpg'))
  const { value } = await entries.next()
  expect(value).toEqual({ name: 'images/2.jpg', size: 0 })
  await expect(folder.read(value as FileEntry, 9)).rejects.toThrow('is gone')
})
