import { expect, test } from 'vitest'
import { nextToStart, queueOrder, type Queued } from './queue.ts'
import { parseGpus } from './slots.ts'

let serial = 0
const aJob = (id: string, projectId: string, more: Partial<Queued> = {}): Queued => ({
  id,
  projectId,
  gpuCount: 0,
  priority: 0,
  serial: (serial += 1),
  ...more,
})
const nobody = { active: new Map<string, number>(), lastStarted: new Map<string, number>() }
const ids = (jobs: readonly Queued[]) => jobs.map(({ id }) => id).join(' ')

test('jobs of one project start in the order in which they came', () => {
  const jobs = [aJob('1', 'A'), aJob('2', 'A'), aJob('3', 'A')]
  expect(ids(queueOrder(jobs.toReversed(), nobody))).toBe('1 2 3')
})

test('projects take turns, however many jobs one of them has waiting', () => {
  const jobs = [aJob('a1', 'A'), aJob('a2', 'A'), aJob('a3', 'A'), aJob('b1', 'B'), aJob('b2', 'B')]
  expect(ids(queueOrder(jobs, nobody))).toBe('a1 b1 a2 b2 a3')
})

test('a project that has a job at work, or had the last turn, waits for the others', () => {
  const jobs = [aJob('a', 'A'), aJob('b', 'B')]
  expect(ids(queueOrder(jobs, { ...nobody, active: new Map([['A', 1]]) }))).toBe('b a')
  expect(ids(queueOrder(jobs, { ...nobody, lastStarted: new Map([['A', 1_000]]) }))).toBe('b a')
})

test('priority goes before fairness', () => {
  const jobs = [aJob('a', 'A'), aJob('b', 'B'), aJob('photo', 'A', { priority: 10 })]
  expect(ids(queueOrder(jobs, { ...nobody, active: new Map([['A', 3]]) }))).toBe('photo b a')
})

test('a job on the CPU does not wait for one that waits for GPUs, but no smaller GPU job overtakes it', () => {
  const large = aJob('large', 'A', { gpuCount: 2 })
  const small = aJob('small', 'A', { gpuCount: 1 })
  const cpu = aJob('cpu', 'A')
  const order = [large, small, cpu]
  expect(nextToStart(order, { cpu: ['cpu:0'], gpu: ['gpu:0'] })).toEqual({ job: cpu, slots: ['cpu:0'] })
  expect(nextToStart(order, { cpu: [], gpu: ['gpu:0'] })).toBeUndefined()
  expect(nextToStart(order, { cpu: [], gpu: ['gpu:0', 'gpu:1', 'gpu:2'] })).toEqual({
    job: large,
    slots: ['gpu:0', 'gpu:1'],
  })
})

test('GPUs are read from what nvidia-smi prints', () => {
  const printed =
    '0, GPU-8f6d9a3e-1, NVIDIA A100-SXM4-80GB, 81920\n1, GPU-11aa22bb-2, NVIDIA A100-SXM4-80GB, 81920\n'
  expect(parseGpus(printed)).toEqual([
    { index: 0, uuid: 'GPU-8f6d9a3e-1', name: 'NVIDIA A100-SXM4-80GB', memoryMegabytes: 81920 },
    { index: 1, uuid: 'GPU-11aa22bb-2', name: 'NVIDIA A100-SXM4-80GB', memoryMegabytes: 81920 },
  ])
  expect(parseGpus('No devices were found\n')).toEqual([])
})
