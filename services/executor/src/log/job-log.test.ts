import { appendFile, mkdir, mkdtemp, open, readFile, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mask } from '../secret/mask.ts'
import { JobLog, recordsPath } from './job-log.ts'
import { logStreams, type LogStream } from './log-stream.ts'
import { makeRawOutput, rawOutputFiles, takeRawOutput } from './raw-output.ts'
import { readLog, readLogTail } from './read-log.ts'

let folder: string
let number = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-log-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const aPath = async () => {
  const root = join(folder, String((number += 1)))
  await mkdir(root)
  return join(root, 'log.txt')
}
const noSecrets = new Mask([])
const opened = (path: string, mask = noSecrets) => new JobLog(path, () => mask)
const source = (stream: LogStream, bytes: Uint8Array) => ({ stream, bytes: Buffer.from(bytes) })

/** What a source has printed so far, brought as a driver does: from what the log has, in its own order. */
async function bringAll(log: JobLog, printed: readonly ReturnType<typeof source>[]): Promise<void> {
  const position = { STDOUT: 0, STDERR: 0 }
  for (const { stream, bytes } of printed) {
    await log.bring(stream, position[stream], bytes)
    position[stream] += bytes.length
  }
}

async function textOf(path: string, stream?: LogStream, limit?: number): Promise<string> {
  let text = ''
  for (let offset = 0; ;) {
    const { pieces, nextOffset } = await readLog(path, offset, { limit })
    if (nextOffset === offset) return text
    offset = nextOffset
    for (const piece of pieces) if (!stream || piece.stream === stream) text += piece.text
  }
}

const aPrint = fc.record({
  stream: fc.constantFrom(...logStreams),
  bytes: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => Buffer.from(`${text}\n`)),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('hunter2', 'hunt', 'er2 and', 'aHVudGVyMg==').map((text) => Buffer.from(text)),
  ),
})

test('killed at any moment and begun again, a log is what it would have been without', async () => {
  const mask = new Mask(['hunter2', 'secret\u00fc\u20ac'])
  await fc.assert(
    fc.asyncProperty(
      fc.array(aPrint, { minLength: 1, maxLength: 12 }),
      fc.array(fc.record({ printed: fc.nat(12), log: fc.double({ min: 0, max: 1, noNaN: true }), records: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 3 }), // prettier-ignore
      async (printed, kills) => {
        const whole = await aPath()
        const undisturbed = opened(whole, mask)
        await bringAll(undisturbed, printed)
        await undisturbed.end()
        await undisturbed.close()

        const path = await aPath()
        for (const kill of kills) {
          const log = opened(path, mask)
          await bringAll(log, printed.slice(0, kill.printed))
          await log.close()
          for (const [file, kept] of [
            [path, kill.log],
            [recordsPath(path), kill.records],
          ] as const) {
            // prettier-ignore
            const { size } = await stat(file).catch(() => ({ size: 0 }))
            if (size) await truncate(file, Math.floor(size * kept))
          }
        }
        const last = opened(path, mask)
        await bringAll(last, printed)
        await last.end()
        await last.close()

        expect(await textOf(path)).toBe(await textOf(whole))
        for (const stream of logStreams) expect(await textOf(path, stream)).toBe(await textOf(whole, stream))
        expect((await readFile(path)).includes('hunter2')).toBe(false)
      },
    ),
    { numRuns: 60 },
  )
})

test('parts of a log, however small, are the log, and each byte is of one stream', async () => {
  const path = await aPath()
  const log = opened(path)
  await bringAll(log, [
    source('STDOUT', Buffer.from('größer ')),
    source('STDERR', Buffer.from('Warnung: 漢字\n')),
    source('STDOUT', Buffer.from([0xe2, 0x82])), // the first bytes of €
    source('STDERR', Buffer.from('in between\n')),
    source('STDOUT', Buffer.from([0xac, 0x0a, 0xff, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d])),
  ])
  await log.end()
  await log.close()

  const expected = 'größer Warnung: 漢字\nin between\n€\n\ufffd\0\u001b[31m'
  for (const limit of [4, 7, 64]) expect(await textOf(path, undefined, limit)).toBe(expected)
  expect(await textOf(path, 'STDERR', 5)).toBe('Warnung: 漢字\nin between\n')
  expect((await readLog(path, 0)).pieces.map(({ stream, offset }) => [stream, offset])).toEqual([
    ['STDOUT', 0],
    ['STDERR', 9],
    ['STDOUT', 36],
  ])
  expect(await readLogTail(path, 1)).toBe('\ufffd\0\u001b[31m')
})

test('a log of many parts is read from anywhere in it', async () => {
  const path = await aPath()
  const log = opened(path)
  const parts = Array.from({ length: 1_000 }, (_, part) =>
    source(part % 2 ? 'STDERR' : 'STDOUT', Buffer.from(`${String(part).padStart(7)}\n`)),
  )
  await bringAll(log, parts)
  await log.close()
  for (const part of [0, 1, 500, 743, 744, 745, 999]) {
    const { pieces } = await readLog(path, part * 8 + 3, { limit: 8 })
    expect(pieces.map(({ text }) => text).join('')).toBe(
      parts
        .slice(part, part + 2)
        .map(({ bytes }) => bytes.toString())
        .join('')
        .slice(3, 11),
    )
    expect(pieces[0]?.stream).toBe(parts[part]?.stream)
  }
})

test('a log without records, as an earlier release wrote it, is read as standard output', async () => {
  const path = await aPath()
  await appendFile(path, 'old\n')
  expect((await readLog(path, 1)).pieces).toEqual([
    { stream: 'STDOUT', offset: 1, nextOffset: 4, text: 'ld\n' },
  ])
})

test('what an image writes to the other name of its log does not stay in it', async () => {
  const path = await aPath()
  const log = opened(path)
  await log.bring('STDOUT', 0, Buffer.from('one\n'))
  await appendFile(path, 'forged\n')
  await log.bring('STDOUT', 4, Buffer.from('two\n'))
  expect(await textOf(path)).toBe('one\ntwo\n')
  await log.close()
})

test('100 MB of lines with a secret in some pass in flat memory', { timeout: 120_000 }, async () => {
  const path = await aPath()
  const root = join(path, '..')
  await makeRawOutput(root)
  const line = `${'x'.repeat(99)}\n`
  const block = `${line.repeat(9_999)}the token is hunter2-and-more, keep it to yourself${'.'.repeat(49)}\n`
  const raw = await open(join(root, rawOutputFiles.STDOUT), 'a')
  for (let index = 0; index < 100; index += 1) await raw.write(block)
  await raw.close()

  const log = opened(path, new Mask(['hunter2-and-more', 'xylophone']))
  let peak = 0
  const before = process.memoryUsage().rss
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss - before)), 20)
  const start = Date.now()
  await takeRawOutput(root, log)
  await log.end()
  await log.close()
  clearInterval(watching)
  console.log(`100 MB in ${Date.now() - start} ms, ${Math.round(peak / 2 ** 20)} MB more memory`)

  expect((await stat(path)).size).toBe(100 * (block.length - 'hunter2-and-more'.length + 3))
  expect(peak).toBeLessThan(100 * 2 ** 20)
})
