import { expect, test } from 'vitest'
import { estimateStarts, expectedEnd, type AtWork, type Outlook } from './estimate.ts'
import type { Queued } from './queue.ts'

const minute = 60_000
let serial = 0
const waiting = (id: string, gpuCount = 0, projectId = 'A'): Queued => ({
  id,
  projectId,
  gpuCount,
  priority: 0,
  serial: (serial += 1),
})
const atWork = (minutesLeft: number | undefined, gpuCount = 0, projectId = 'A'): AtWork => ({
  projectId,
  gpuCount,
  endsAt: minutesLeft === undefined ? undefined : minutesLeft * minute,
})
const onMachine = (cpu: number, gpu: number, ...jobs: AtWork[]): Outlook => ({
  now: 0,
  slots: { cpu, gpu },
  atWork: jobs,
})
/** Minutes from now by job, in order of start. */
function starts(order: Queued[], outlook: Outlook, usual: (job: Queued) => number | undefined = () => 10) {
  const inMinutes = (job: Queued) => {
    const minutes = usual(job)
    return minutes === undefined ? undefined : minutes * minute
  }
  const found = estimateStarts(order, outlook, inMinutes)
  return [...found].map(([id, at]) => `${id} ${at / minute}`).join(', ')
}

test('a job for which there is a free slot starts now', () => {
  expect(starts([waiting('a')], onMachine(1, 0))).toBe('a 0')
})

test('waiting jobs start one after the other as slots become free', () => {
  const order = [waiting('a'), waiting('b'), waiting('c')]
  expect(starts(order, onMachine(2, 0, atWork(3), atWork(5)))).toBe('a 3, b 5, c 13')
})

test('a job for two GPUs waits for both, those behind it for their turn, those for the CPU for neither', () => {
  const order = [waiting('both', 2), waiting('one', 1), waiting('cpu')]
  expect(starts(order, onMachine(1, 2, atWork(4, 1), atWork(9, 1)))).toBe('cpu 0, both 9, one 19')
})

test('a project at its limit waits for its own jobs only, and holds up nobody', () => {
  const order = [waiting('a1'), waiting('a2'), waiting('b1', 0, 'B')]
  const outlook = { ...onMachine(3, 0, atWork(30)), limits: new Map([['A', 1]]) }
  expect(starts(order, outlook)).toBe('b1 0, a1 30, a2 40')
})

test('of what waits for a job of which nobody knows when it ends, nobody knows when it starts', () => {
  const order = [waiting('known'), waiting('new'), waiting('after')]
  const usual = ({ id }: Queued) => (id === 'new' ? undefined : 10)
  expect(starts(order, onMachine(1, 0, atWork(2)), usual)).toBe('known 2, new 12')
  expect(starts(order, onMachine(1, 0, atWork(undefined)), usual)).toBe('')
})

test('more than the machine has is never expected to start', () => {
  expect(starts([waiting('three', 3), waiting('one', 1)], onMachine(1, 2))).toBe('')
  expect(starts([waiting('cpu')], onMachine(0, 2))).toBe('')
})

test('progress predicts the end, the usual duration where there is none, and nothing ends in the past', () => {
  expect(expectedEnd({ startedAt: 0, progress: 0.25 }, 10 * minute, 5 * minute)).toBe(40 * minute)
  expect(expectedEnd({ startedAt: 0, progress: 0 }, 10 * minute, 15 * minute)).toBe(15 * minute)
  expect(expectedEnd({ startedAt: 0, progress: 0.01 }, 10 * minute, undefined)).toBeUndefined()
  expect(expectedEnd({ startedAt: 0, progress: 0 }, 20 * minute, 15 * minute)).toBe(20 * minute)
  expect(expectedEnd({ startedAt: 0, progress: 1 }, 10 * minute, undefined)).toBe(10 * minute)
})
