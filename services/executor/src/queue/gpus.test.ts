import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { jobFolders } from '../contract/layout.ts'
import { administrator, serve } from '../testing/served.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { recordedNvidiaSmi, type RecordedNvidiaSmi } from '../testing/recorded-nvidia-smi.ts'
import { findGpus, GpuWatch, nvidiaSmi, parseGpus, parseProcesses } from './gpus.ts'
import { gpuSlots, isFree, slotStates } from './slots.ts'

const [first, second] = [
  'GPU-8f6d9a3e-4c1b-2d07-9e55-0b1a6c7d8e9f',
  'GPU-11aa22bb-33cc-44dd-55ee-66ff77008899',
]
const a100 = 'NVIDIA A100-SXM4-80GB'
const idle = `0, ${first}, ${a100}, 81920, 4, 0\n1, ${second}, ${a100}, 81920, 4, 0\n`

test('GPUs are read from what nvidia-smi prints, whatever it does not tell', () => {
  expect(parseGpus(`0, ${first}, ${a100}, 81920, 1024, 37\n`)).toEqual([
    {
      index: 0,
      uuid: first,
      name: a100,
      memoryMegabytes: 81920,
      memoryUsedMegabytes: 1024,
      utilisation: 0.37,
    },
  ])
  const untold = [
    `0, ${first}, NVIDIA GB10, [N/A], [N/A], [N/A]`,
    `1, ${second}, Tesla K20m, 4743, 0, [Not Supported]`,
  ]
  expect(parseGpus(untold.join('\n'))).toEqual([
    { index: 0, uuid: first, name: 'NVIDIA GB10', memoryMegabytes: 0 },
    { index: 1, uuid: second, name: 'Tesla K20m', memoryMegabytes: 4743, memoryUsedMegabytes: 0 },
  ])
  for (const none of [
    '',
    'No devices were found\n',
    'Failed to initialize NVML: Driver/library version mismatch\n',
  ])
    expect(parseGpus(none)).toEqual([])
})

test('programs on GPUs are read from what nvidia-smi prints, also those that it does not name', () => {
  expect(parseProcesses(`${first}, 4711, 1024\n${second}, [Not Supported], [Not Supported]\n`)).toEqual([
    { gpuUuid: first, pid: 4711 },
    { gpuUuid: second, pid: undefined },
  ])
  expect(parseProcesses('')).toEqual([])
  expect(parseProcesses('No devices were found\n')).toEqual([])
})

/** A watch over a machine that prints this, and the ids of the slots that it would give out. */
function machine(gpus: string, processes = '') {
  const printed = { gpus, processes, runs: 0 }
  const watch = new GpuWatch((given) => {
    printed.runs += 1
    const text = given[0]?.startsWith('--query-gpu') ? printed.gpus : printed.processes
    const said = { code: 9, stdout: '', stderr: text }
    return text.startsWith('0') || text.startsWith('GPU-') || text === ''
      ? Promise.resolve(text)
      : Promise.reject(Object.assign(new Error('Command failed: nvidia-smi'), said))
  })
  const slots = gpuSlots(parseGpus(idle))
  const free = async () =>
    slotStates(slots, new Map(), await watch.look())
      .filter(isFree)
      .map(({ id }) => id)
      .join(' ')
  return { printed, watch, free }
}

test('a GPU on which somebody computes, or whose memory somebody has, is not given out', async () => {
  expect(await machine(idle).free()).toBe('gpu:0 gpu:1')
  expect(await machine(idle, `${second}, 4711, 1024\n`).free()).toBe('gpu:0')
  expect(await machine(idle, `${second}, [N/A], [N/A]\n`).free()).toBe('gpu:0')
  expect(await machine(idle.replace('81920, 4, 0', '81920, 40000, 0')).free()).toBe('gpu:1')
})

test('a GPU that does not answer is not given out', async () => {
  expect(await machine(idle.split('\n')[0] ?? '').free()).toBe('gpu:0')
  for (const error of [
    'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.154\n',
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
    'Unable to determine the device handle for GPU0000:3F:00.0: Unknown Error\n',
    'No devices were found\n',
  ]) {
    const { free, watch } = machine(error)
    expect(await free()).toBe('')
    expect(watch.latest.problem).toBe(error.split('\n')[0])
  }
})

test('nvidia-smi is asked once for all who look within two seconds, and anew when a job has left its GPUs', async () => {
  const { printed, watch, free } = machine(idle)
  expect(await Promise.all([free(), free(), free()])).toEqual(Array(3).fill('gpu:0 gpu:1'))
  printed.processes = `${first}, 4711, 1024\n`
  expect(await free()).toBe('gpu:0 gpu:1')
  expect(printed.runs).toBe(2)
  watch.outdate()
  expect(await free()).toBe('gpu:1')
})

test('where nvidia-smi is not installed there are no GPUs', async () => {
  expect(await findGpus(new GpuWatch(nvidiaSmi({ PATH: '/nowhere' })))).toEqual([])
})

let recorded: RecordedNvidiaSmi
let platform: Platform | undefined

beforeEach(async () => {
  recorded = await recordedNvidiaSmi()
})
afterEach(async () => {
  await platform?.close()
  platform = undefined
  await recorded.remove()
})

test('a job gets a GPU of its own and sees it as its first; one that somebody else uses keeps the next job waiting until they leave', async () => {
  const { prints } = recorded
  await prints(idle, `${second}, ${process.pid}, 512\n`)
  const gpus = new GpuWatch(nvidiaSmi({ PATH: recorded.path }))
  const here = await aPlatform({ gpus: await findGpus(gpus), queue: { gpus, lookEveryMs: 200 } })
  platform = here
  await here.dispatcher.start()
  const asking = await serve(here)
  const foldersOf = (id: string) => jobFolders(here.jobsFolder, id)
  const pidOf = async (id: string) => Number(await readFile(join(foldersOf(id).root, 'pid'), 'utf8'))
  const gpuSlotsNow = async () => {
    const query =
      '{ slots { id busy inUseByOthers available memoryMegabytes memoryUsedMegabytes utilisation } }'
    const { data } = await asking.answer(administrator, query)
    return data.slots.filter(({ id }: { id: string }) => id.startsWith('gpu'))
  }
  try {
    const training = { ...(await aTraining(here, { behave: 'wait' })), gpuCount: 1 }
    const one = await here.request(training)
    await here.reaches(one, 'RUNNING', 30_000)
    const two = await here.request(training)

    const waits = async () => {
      const query = 'query ($id: ID!) { job(id: $id) { state queuePlace waitingFor } }'
      return (await asking.answer(administrator, query, { id: two })).data.job
    }
    expect(await waits()).toEqual({
      state: 'QUEUED',
      queuePlace: 1,
      waitingFor: 'the GPU 1 is in use by another program',
    })
    expect((await here.job(one)).slots).toEqual(['gpu:0'])
    const configuration = parse(await readFile(join(foldersOf(one).input, 'config.yaml'), 'utf8'))
    expect(configuration).toMatchObject({ gpu_id: '0', gpu_count: 1 })
    if (process.platform === 'linux')
      expect((await readFile(`/proc/${await pidOf(one)}/environ`, 'utf8')).split('\0')).toContain(
        `CUDA_VISIBLE_DEVICES=${first}`,
      )

    // the job's own program on its GPU is no stranger, another one is
    const used = idle.replace('81920, 4, 0', '81920, 40960, 98')
    const own = await pidOf(one)
    await prints(used, `${first}, ${own}, 40000\n${second}, ${process.pid}, 512\n`)
    const memory = { memoryMegabytes: 81920, available: true }
    await waitUntil('the GPU’s use to be seen', async () => (await gpuSlotsNow())[0].utilisation === 0.98)
    expect(await gpuSlotsNow()).toEqual([
      {
        id: 'gpu:0',
        busy: true,
        inUseByOthers: false,
        ...memory,
        memoryUsedMegabytes: 40960,
        utilisation: 0.98,
      },
      { id: 'gpu:1', busy: false, inUseByOthers: true, ...memory, memoryUsedMegabytes: 4, utilisation: 0 },
    ])
    await prints(
      used,
      `${first}, ${own}, 40000\n${first}, ${process.pid}, 1\n${second}, ${process.pid}, 512\n`,
    )
    await waitUntil('the stranger to be seen', async () => (await gpuSlotsNow())[0].inUseByOthers)

    // nvidia-smi fails: nobody knows whether the stranger has left
    await prints('', '', 'Unable to determine the device handle for GPU0000:3F:00.0: Unknown Error\n')
    await waitUntil(
      'the GPUs to be silent',
      async () => (await waits()).waitingFor === 'the GPU 1 is not answering',
    )
    expect(await gpuSlotsNow()).toMatchObject([{ available: false }, { available: false }])

    await prints(used, `${first}, ${own}, 40000\n`)
    await here.reaches(two, 'RUNNING', 30_000)
    expect((await here.job(two)).slots).toEqual(['gpu:1'])
    expect(parse(await readFile(join(foldersOf(two).input, 'config.yaml'), 'utf8'))).toMatchObject({
      gpu_id: '0',
    })
    for (const id of [one, two]) await writeFile(join(foldersOf(id).output, 'go'), '')
    await here.ends(two)
  } finally {
    await asking.stop()
  }
}, 120_000)

const real = spawnSync('nvidia-smi', ['-L'])
const why = real.error ? 'nvidia-smi is not installed' : real.stdout.toString().trim()
if (real.status !== 0) console.warn(`skipped: a GPU of this machine: ${why}`)

test.skipIf(real.status !== 0)('the GPUs of this machine are found, with their memory', async () => {
  const watch = new GpuWatch()
  const found = await findGpus(watch)
  expect(watch.latest.problem).toBeUndefined()
  expect(found.length).toBeGreaterThan(0)
  for (const { uuid, memoryMegabytes } of found) {
    expect(uuid).toMatch(/^GPU-/)
    expect(memoryMegabytes).toBeGreaterThan(0)
  }
})
