import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { packFiles } from './pack.ts'

const placed = (path: string, text: string) => ({ path, file: new File([text], path.split('/').at(-1)!) })
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())

test('files are packed with their places and their bytes', async () => {
  const blob = await packFiles([placed('set/b.txt', 'two'), placed('set/a.txt', 'one')])
  const files = unzipSync(await bytesOf(blob))
  expect(Object.keys(files)).toEqual(['set/a.txt', 'set/b.txt'])
  expect(new TextDecoder().decode(files['set/b.txt'])).toBe('two')
})

test('the same files give the same archive in whatever order they were chosen', async () => {
  const files = [placed('a', 'one'), placed('b', 'two'), placed('c', '')]
  const one = await bytesOf(await packFiles(files))
  expect(await bytesOf(await packFiles(files.toReversed()))).toEqual(one)
})

test('packing can be stopped', async () => {
  const stopped = packFiles([placed('a', 'one')], undefined, AbortSignal.abort())
  await expect(stopped).rejects.toThrow(/abort/i)
})
