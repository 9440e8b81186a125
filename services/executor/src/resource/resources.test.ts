import { rm } from 'node:fs/promises'
import { waitUntil } from '@ymir/service'
import { expect, test } from 'vitest'
import { anImage } from '../testing/own-image.ts'
import { aPlatform, aTraining } from '../testing/platform.ts'
import { serve } from '../testing/served.ts'
import { parseGpuUsage } from './gpu-usage.ts'
import { parseStat, ProcessTable } from './process-usage.ts'

test('a process is known by its line in /proc, also with a name that looks like fields', () => {
  const line =
    '42 (a b) R (x) S 1 40 40 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 1 0 100 1000000 250 18446744073709551615 1 1'
  expect(parseStat(line, 4096)).toEqual({ group: 40, cpuSeconds: 2.5, memoryBytes: 250 * 4096 })
  expect(parseStat('', 4096)).toBeUndefined()
})

test('GPUs are read from what nvidia-smi prints, also where one does not tell its utilisation', () => {
  expect(parseGpuUsage('GPU-8f6d9a3e-1, 87, 10240\nGPU-11aa22bb-2, [N/A], 0\n')).toEqual([
    { uuid: 'GPU-8f6d9a3e-1', utilisation: 87, memoryBytes: 10 * 2 ** 30 },
    { uuid: 'GPU-11aa22bb-2', utilisation: undefined, memoryBytes: 0 },
  ])
  expect(parseGpuUsage('No devices were found\n')).toEqual([])
})

const hasProc = process.platform === 'linux'
if (!hasProc) console.log('tests of what processes use are skipped: there is no /proc')

test.skipIf(!hasProc)(
  'what a running job uses is told, and how much memory it needed stays with it',
  async () => {
    // a busy loop, and a tail that keeps thirty million bytes until the end of its input
    const image = await anImage(`
    while :; do :; done &
    mkfifo "$YMIR_OUT/go"
    { head -c 30000000 /dev/zero; read -r line < "$YMIR_OUT/go"; } | tail -c 30000000 > /dev/null
    exit 3`)
    const platform = await aPlatform({ reference: image })
    const served = await serve(platform)
    try {
      const id = await platform.request(await aTraining(platform))
      const resourcesOf = () =>
        served.ask<{ job: { resources: Record<string, number> | null; peakMemoryBytes: number | null } }>(
          `query($id: ID!) { job(id: $id) { peakMemoryBytes resources {
          measuredAt cpuCores memoryBytes memoryLimitBytes processes gpus { uuid } } } }`,
          { id },
        )
      const { cpuCores, processes, gpus } = await waitUntil(
        'the loop to be at work beside 30 MB',
        async () => {
          const { resources } = (await resourcesOf()).job
          return (
            resources && (resources.cpuCores ?? 0) > 0.2 && (resources.memoryBytes ?? 0) > 3e7 && resources
          )
        },
        { timeoutMs: 30_000, everyMs: 200 },
      )
      expect(cpuCores).toBeLessThan(2.5)
      expect(processes).toBeGreaterThanOrEqual(4) // wrapper, image, loop, tail
      expect(gpus).toEqual([])
      const told = platform.telemetry.filter(({ type }) => type.includes('job.resources_measured'))
      expect(told.at(-1)?.data).toMatchObject({ jobId: id, processes: expect.any(Number) as number })

      await platform.dispatcher.cancel(id)
      await platform.ends(id)
      const { job } = await waitUntil('the peak', async () => {
        const answer = await resourcesOf()
        return answer.job.peakMemoryBytes !== null && answer
      })
      expect(job.peakMemoryBytes).toBeGreaterThan(3e7)
      expect(job.resources).toBeNull()
    } finally {
      await served.stop()
      await platform.close()
      await rm(image, { recursive: true })
    }
  },
  90_000,
)

test.skipIf(!hasProc)('measuring a hundred jobs takes a few per cent of a core', async () => {
  const table = new ProcessTable()
  await table.usageOf(1)
  const before = process.cpuUsage()
  const looks = 5
  for (let look = 0; look < looks; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 550)) // until a look is not fresh any more
    await Promise.all(Array.from({ length: 100 }, () => table.usageOf(process.pid)))
  }
  const { user, system } = process.cpuUsage(before)
  const perLookMs = (user + system) / 1000 / looks
  console.log(`a look at all processes, for 100 jobs: ${perLookMs.toFixed(1)} ms of a core`)
  expect(perLookMs).toBeLessThan(100)
})
