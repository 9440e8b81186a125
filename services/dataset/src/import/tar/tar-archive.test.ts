import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFiles } from '../files.ts'
import { importLimits } from '../limits.ts'

let folder: string
let scratch: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-tar-'))
  scratch = join(folder, 'scratch')
})
afterAll(() => rm(folder, { recursive: true }))

let opened = 0

/** What an archive gives back: files by name. */
async function filesOf(bytes: Uint8Array, limits = {}): Promise<Record<string, string>> {
  const path = join(folder, `archive ${++opened}`)
  await writeFile(path, bytes)
  const files = await openFiles(path, { ...importLimits, ...limits }, scratch)
  try {
    const found: Record<string, string> = {}
    for await (const entry of files.entries()) {
      const whole = await files.read(entry, 1_000_000)
      const pieces: Uint8Array[] = []
      for await (const piece of files.stream(entry, 1_000_000)) pieces.push(piece)
      expect(Buffer.concat(pieces).equals(whole)).toBe(true)
      found[entry.name] = whole.toString()
    }
    return found
  } finally {
    await files.close()
  }
}

function tarOf(
  ...entries: readonly (readonly [Partial<Header> & Pick<Header, 'name'>, string?])[]
): Promise<Buffer> {
  const packing = pack()
  for (const [header, content = ''] of entries) packing.entry(header, content)
  packing.finalize()
  return buffer(packing)
}

const long = `${'folder/'.repeat(40)}a name that is longer than a header has room for.jpg`
const content = {
  'images/a.jpg': 'some bytes',
  'images/b ä 图.jpg': 'x'.repeat(70_000),
  'images/empty.jpg': '',
  [long]: 'far away',
}

const ways = [
  ['as it is', (bytes: Uint8Array) => bytes],
  ['with gzip', (bytes: Uint8Array) => gzipSync(bytes)],
] as const

describe.each(ways)('a tar %s', (_, packed) => {
  test('gives back its files', async () => {
    const entries = Object.entries(content).map(([name, text]) => [{ name }, text] as const)
    const tar = await tarOf([{ name: 'images/', type: 'directory' }], ...entries)
    expect(await filesOf(packed(tar))).toEqual(content)
  })

  test.each(['gnu', 'pax', 'ustar', 'v7'])(
    'of the %s kind, from the folder itself, is read as well',
    async (format) => {
      const root = join(folder, `packed ${++opened}`)
      const files = format === 'gnu' || format === 'pax' ? content : { 'images/a.jpg': 'some bytes' }
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true })
        writeFileSync(join(root, name), text)
      }
      const tar = execFileSync('tar', [`--format=${format}`, '-cf', '-', '-C', root, '.'])
      expect(await filesOf(packed(tar))).toEqual(files)
    },
  )

  test.each(['../a.jpg', 'images/../../a.jpg', '/etc/passwd', 'C:/a.jpg', '..\\a.jpg', './../a.jpg'])(
    'with the name %s is refused',
    async (name) => {
      await expect(filesOf(packed(await tarOf([{ name }, 'x'])))).rejects.toThrow('leads out of the archive')
    },
  )

  test.each([
    ['symlink', 'images/a.jpg: is a symbolic link: pack the files themselves'],
    ['link', 'images/a.jpg: is a hard link: pack the files themselves'],
    ['character-device', 'images/a.jpg: is no plain file'],
    ['fifo', 'images/a.jpg: is no plain file'],
  ] as const)('with a %s is refused', async (type, problem) => {
    const tar = await tarOf([{ name: 'images/a.jpg', type, linkname: '/etc/passwd' }])
    await expect(filesOf(packed(tar))).rejects.toThrow(problem)
  })

  test('with a sparse file is refused', async () => {
    const path = join(folder, 'sparse')
    execFileSync('truncate', ['-s', '1M', path])
    for (const format of ['gnu', 'pax']) {
      const tar = execFileSync('tar', [`--format=${format}`, '--sparse', '-cf', '-', '-C', folder, 'sparse'])
      await expect(filesOf(packed(tar))).rejects.toThrow('is a sparse file: pack it without --sparse')
    }
  })

  test('that asks for more than the limits allow is refused', async () => {
    const tar = await tarOf([{ name: 'a' }, 'x'], [{ name: 'b' }, 'x'], [{ name: 'c' }, 'x'.repeat(3_000)])
    await expect(filesOf(packed(tar), { entries: 2 })).rejects.toThrow('has more than the 2 entries allowed')
    await expect(filesOf(packed(tar), { totalBytes: 2_000 })).rejects.toThrow(
      'unpacks to more than the 2000 bytes allowed',
    )
    const large = await tarOf([{ name: 'large' }, 'x'.repeat(1_000_001)])
    await expect(filesOf(packed(large))).rejects.toThrow(
      'large: 1000001 bytes are more than the 1000000 allowed',
    )
  })

  test('that is cut short says so, wherever the cut is', async () => {
    const tar = await tarOf([{ name: 'images/a.jpg' }, 'x'.repeat(5_000)], [{ name: 'images/b.jpg' }, 'x'])
    for (const length of [600, 512 + 5_000, 512 + 5_120, 512 + 5_120 + 1_024])
      await expect(filesOf(packed(tar.subarray(0, length)))).rejects.toThrow(
        'archive: is cut short: its end is missing',
      )
  })

  test('with something else between its files is damaged', async () => {
    const tar = await tarOf([{ name: 'images/a.jpg' }, 'x'], [{ name: 'images/b.jpg' }, 'x'])
    tar.write('something else', 1_024)
    await expect(filesOf(packed(tar))).rejects.toThrow('is damaged: there is no header where one should be')
  })
})

describe('a gzip file', () => {
  test('that is cut short or damaged says so', async () => {
    const tar = gzipSync(await tarOf([{ name: 'images/a.jpg' }, 'x'.repeat(5_000)]))
    await expect(filesOf(tar.subarray(0, tar.length - 4))).rejects.toThrow('archive: is cut short')
    tar[tar.length - 6]! ^= 1
    await expect(filesOf(tar)).rejects.toThrow('archive: is damaged: pack it again')
  })

  test('of something else than a tar says so', async () => {
    for (const text of ['', 'hello', 'hello '.repeat(1_000)])
      await expect(filesOf(gzipSync(text))).rejects.toThrow('is a gzip file that holds no tar archive')
  })

  test('that is a bomb is refused long before it is unpacked, and nothing stays', async () => {
    const head = (await tarOf([{ name: 'a' }, 'x'])).subarray(0, 1_024)
    const bomb = gzipSync(Buffer.concat([head, Buffer.alloc(8 * 1024 ** 2)]))
    await expect(filesOf(bomb, { ratioFromBytes: 1024 ** 2 })).rejects.toThrow('it looks like a gzip bomb')
    expect(readdirSync(scratch)).toEqual([])
  })
})

test('a file of 8 GiB is found behind its size in binary', async () => {
  const path = join(folder, 'large.tar')
  const size = 8 * 1024 ** 3
  const head = (await tarOf([{ name: 'images/a.jpg' }, 'x'])).subarray(0, 512)
  // the size by its first bit in binary, and the sum of the header anew
  head.fill(0, 124, 136).writeUInt8(0x80, 124)
  head.writeBigUInt64BE(BigInt(size), 128)
  head.write(' '.repeat(8), 148)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  await writeFile(path, head)
  execFileSync('truncate', ['-s', String(512 + size + 1_024), path])
  const files = await openFiles(path, importLimits, scratch)
  const found: number[] = []
  for await (const entry of files.entries()) found.push(entry.size)
  await files.close()
  await rm(path)
  expect(found).toEqual([size])
})
