import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { tarOf } from './tar-writer.ts'

const python = '/usr/bin/python3'
const hasPython = spawnSync(python, ['--version']).status === 0

async function headerOf(size: number): Promise<Buffer> {
  const file = { name: 'images/a.jpg', size, read: () => emptiness() }
  for await (const header of tarOf(oneOf(file))) return header
  throw new Error('nothing was written')
}

async function* oneOf<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value)
}

async function* emptiness(): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
}

test.runIf(hasPython).each([0, 511, 8 ** 11 - 1, 8 ** 11, 5e13])(
  'a file of %d bytes has its size',
  async (size) => {
    const program =
      'import sys, tarfile; one = tarfile.TarInfo.frombuf(sys.stdin.buffer.read(), "utf-8", "strict"); print(one.name, one.size, one.mtime, oct(one.mode))'
    const { stdout, stderr } = spawnSync(python, ['-c', program], { input: await headerOf(size) })
    expect(String(stderr)).toBe('')
    expect(String(stdout).trim()).toBe(`images/a.jpg ${size} 0 0o644`)
  },
)

test('a file that is shorter than said ends the archive with an error', async () => {
  const reading = async () => {
    for await (const chunk of tarOf(oneOf({ name: 'a', size: 5, read: () => emptiness() }))) void chunk
  }
  await expect(reading()).rejects.toThrow('a has 0 bytes where 5 were said')
})
