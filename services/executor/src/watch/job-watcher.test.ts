import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { Repository } from 'typeorm'
import { afterEach, expect, test, vi } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { anImage } from '../testing/own-image.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { serve } from '../testing/served.ts'

let platform: Platform
afterEach(() => platform.close())

const foldersOf = (id: string) => jobFolders(platform.jobsFolder, id)

test('links and pipes in the place of what an image tells are neither followed nor waited for', async () => {
  platform = await aPlatform()
  const id = await platform.request(await aTraining(platform, { behave: 'late' }))
  await platform.reaches(id, 'RUNNING')
  await waitUntil('two stages', async () => (await platform.events(id, 'job.stage_saved')).length >= 2)
  const { output, root } = foldersOf(id)
  const monitor = join(output, 'monitor.txt')
  await writeFile(join(root, 'private'), 't\t1\t0.9\t2\tnot for images\n')
  await rm(monitor)
  await symlink(join(root, 'private'), monitor)
  await rm(join(output, 'tensorboard'), { recursive: true })
  await symlink('/', join(output, 'tensorboard'))
  await mkdir(join(output, 'models', 'epoch_9'))
  await symlink(join(root, 'private'), join(output, 'models', 'epoch_9', 'model.onnx'))
  execFileSync('mkfifo', [join(output, 'models', 'fifo.onnx')])
  await appendFile(
    join(output, 'models', 'result.yaml'),
    `  epoch_9: {stage_name: epoch_9, files: [model.onnx], mAP: 0.9}\n  epoch_10: {stage_name: epoch_10, files: [fifo.onnx], mAP: 0.9}\n`,
  )
  await rm(monitor)
  execFileSync('mkfifo', [monitor])
  await writeFile(join(output, 'go'), '')

  const job = await platform.ends(id)
  expect(job.failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
  expect(job.message).toBeNull()
  const stages = (await platform.events(id, 'job.stage_saved')).map(({ data }) => String(data.stageName))
  expect(stages.filter((name) => ['epoch_9', 'epoch_10'].includes(name))).toEqual([])
})

test('the log tells standard output from error, in the graph and on the bus', async () => {
  const image = await anImage(`
    echo one; sleep 0.4; echo two >&2; sleep 0.4; printf 'three \\342\\202'; sleep 0.4; printf '\\254\\n'; exit 3`)
  platform = await aPlatform({ reference: image })
  const served = await serve(platform)
  try {
    const id = await platform.request(await aTraining(platform))
    await platform.ends(id)
    const query = `query($id: ID!, $stream: LogStream) { job(id: $id) {
      log(stream: $stream) { text nextOffset end pieces { stream offset text } } } }`
    const logOf = async (stream?: string) =>
      (await served.ask<{ job: { log: object } }>(query, { id, stream })).job.log
    const pieces = [
      { stream: 'STDOUT', offset: 0, text: 'one\n' },
      { stream: 'STDERR', offset: 4, text: 'two\n' },
      { stream: 'STDOUT', offset: 8, text: 'three €\n' },
    ]
    expect(await logOf()).toEqual({ text: 'one\ntwo\nthree €\n', nextOffset: 18, end: true, pieces })
    expect(await logOf('STDERR')).toEqual({
      text: 'two\n',
      nextOffset: 18,
      end: true,
      pieces: pieces.slice(1, 2),
    })
    const told = platform.telemetry.filter(({ type }) => type.includes('log_written'))
    const texts = { STDOUT: '', STDERR: '' }
    let end = 0
    for (const { data } of told) {
      expect(Number(data.offset)).toBe(end)
      end = Number(data.nextOffset)
      texts[data.stream as keyof typeof texts] += data.text // one of the two
    }
    expect([end, texts]).toEqual([18, { STDOUT: 'one\nthree €\n', STDERR: 'two\n' }])
  } finally {
    await served.stop()
    await rm(image, { recursive: true })
  }
})

test('with twenty jobs at once, what they write is told well within a second, and few writes go to the database', async () => {
  const image = await anImage('mkfifo "$YMIR_OUT/go"; read -r line < "$YMIR_OUT/go"; exit 3')
  platform = await aPlatform({ reference: image, slots: 20 })
  try {
    const training = await aTraining(platform)
    const ids = await Promise.all(Array.from({ length: 20 }, () => platform.request(training)))
    for (const id of ids) await platform.reaches(id, 'RUNNING', 60_000)
    const lags: Record<'log' | 'progress', number[]> = { log: [], progress: [] }
    const { telemetry } = platform.bus
    platform.bus.telemetry = (schema, init) => {
      const now = Date.now()
      const said = init as { text?: string; message?: string } // of the two kinds looked at
      for (const [, at] of (said.text ?? '').matchAll(/at (\d+)/g)) lags.log.push(now - Number(at))
      for (const [, at] of (said.message ?? '').matchAll(/at (\d+)/g)) lags.progress.push(now - Number(at))
      telemetry(schema, init)
    }
    let updates = 0
    const { update } = Repository.prototype
    vi.spyOn(Repository.prototype, 'update').mockImplementation(function (this: unknown, ...given) {
      updates += 1
      return update.apply(this, given)
    })
    const rounds = 20
    const start = Date.now()
    for (let round = 0; round < rounds; round += 1) {
      for (const id of ids) {
        const { root, output } = foldersOf(id)
        // as the image's own process does
        await appendFile(join(root, 'stdout.raw'), `at ${Date.now()}\n`)
        await writeFile(join(output, 'monitor.new'), `t\t1\t0.5\t2\tat ${Date.now()}\n`)
        await rename(join(output, 'monitor.new'), join(output, 'monitor.txt'))
      }
      await delay(200) // the images' pace
    }
    await waitUntil('every line', () => lags.log.length === rounds * ids.length, { timeoutMs: 30_000 })
    const seconds = (Date.now() - start) / 1000
    vi.restoreAllMocks()
    const p95 = (values: number[]) =>
      values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Infinity
    const perJob = updates / seconds / ids.length
    console.log(
      `20 jobs: log p95 ${p95(lags.log)} ms, progress p95 ${p95(lags.progress)} ms; ` +
        `${perJob.toFixed(1)} updates a second for each`,
    )
    // an idle machine needs a tenth of that
    expect(p95(lags.log)).toBeLessThan(1_000)
    expect(p95(lags.progress)).toBeLessThan(1_000)
    expect(perJob).toBeLessThan(3)
    for (const id of ids) await writeFile(join(foldersOf(id).output, 'go'), 'go\n')
    for (const id of ids) await platform.ends(id, 60_000)
  } finally {
    await rm(image, { recursive: true })
  }
}, 200_000)
