import { expect, test, vi } from 'vitest'
import type { Drawn } from '../drawing/sheet.ts'
import type { ItemToLabelFragment } from '../label.generated.ts'
import { Desk, type Claims } from './desk.ts'
import { Drafts } from './drafts.ts'
import { Outbox, type Answer } from './outbox.ts'
import { aShelf } from '../testing/shelf.ts'

const anItem = (id: string, draft: ItemToLabelFragment['draft'] = null): ItemToLabelFragment => ({
  ...{ id, imageUrl: `/files/${id}`, width: 100, height: 80, state: 'CLAIMED', claimedUntil: null },
  ...{ comment: null, annotations: [], draft, keptAnnotations: [], predictions: [] },
})
const aBox = (x: number): Drawn => ({
  ...{ label: 'brick', box: { x, y: 0, width: 9, height: 9 } },
  ...{ difficult: false, truncated: false, crowd: false },
})

/** A task of `count` images as the platform gives them to one labeller, the held ones first. */
function aTask(count: number, shelf = aShelf()) {
  const todo = Array.from({ length: count }, (_, index) => anItem(String(index)))
  const state = { released: [] as string[], prefetched: [] as string[], answers: [] as Answer[] }
  /** Lets claims be answered; by default at once. */
  const line = { until: Promise.resolve() }
  const claims: Claims = {
    async claim(first) {
      const given = todo
        .filter(({ id }) => !state.answers.some(({ itemId }) => itemId === id))
        .slice(0, first)
      await line.until
      return given
    },
    async release(id) {
      state.released.push(id)
    },
    prefetch: (url) => void state.prefetched.push(url),
  }
  const send = async (answer: Answer) => void state.answers.push(answer)
  const outbox = new Outbox(shelf, 'ada', send, () => true)
  const drafts = new Drafts(shelf, 'ada', cutOff, () => {})
  return { desk: new Desk('task', claims, outbox, drafts), state, line }
}

const cutOff = () => Promise.reject(new TypeError('failed to fetch'))
const onDesk = ({ state }: Desk) => state.items.map(({ id }) => id)

test('three images lie ready, fetched ahead, and the next is there in the moment of the answer', async () => {
  const { desk, state } = aTask(5)
  desk.open()
  await vi.waitFor(() => expect(onDesk(desk)).toEqual(['0', '1', '2']))
  expect(state.prefetched).toEqual(['/files/0', '/files/1', '/files/2'])

  desk.submit(desk.state.items[0]!, [aBox(1)])

  expect(onDesk(desk)).toEqual(['1', '2'])
  expect(desk.state.previous).toEqual([aBox(1)])
  await vi.waitFor(() => expect(onDesk(desk).slice(0, 3)).toEqual(['1', '2', '3']))
})

test('an image answered while images are claimed does not come back, however quick the labeller is', async () => {
  const { desk, state, line } = aTask(8)
  desk.open()
  await vi.waitFor(() => expect(onDesk(desk)).toHaveLength(3))
  let letGo = () => {}
  line.until = new Promise((resolve) => (letGo = resolve))

  for (const item of desk.state.items.slice()) desk.submit(item, [])
  expect(onDesk(desk)).toEqual([])
  letGo()

  await vi.waitFor(() => expect(onDesk(desk).slice(0, 3)).toEqual(['3', '4', '5']))
  expect(state.answers.map(({ itemId }) => itemId)).toEqual(['0', '1', '2'])
})

test('who leaves gives back what is not begun, and comes back to what is', async () => {
  const shelf = aShelf()
  const { desk, state } = aTask(5, shelf)
  desk.open()
  await vi.waitFor(() => expect(onDesk(desk)).toHaveLength(3))
  desk.keep(desk.state.items[0]!, [aBox(7)])

  desk.leave()
  await vi.waitFor(() => expect(state.released).toEqual(['1', '2']))

  const again = aTask(5, shelf).desk
  again.open()
  await vi.waitFor(() => expect(again.state.items[0]?.start).toEqual([aBox(7)]))
})

test('the image answered last can be answered anew, from its answer', async () => {
  const { desk, state } = aTask(3)
  desk.open()
  await vi.waitFor(() => expect(onDesk(desk)).toHaveLength(3))
  desk.submit(desk.state.items[0]!, [aBox(1)])

  desk.goBack()
  expect(desk.state.items[0]).toMatchObject({ id: '0', start: [aBox(1)] })
  desk.submit(desk.state.items[0]!, [aBox(2)])

  await vi.waitFor(() =>
    expect(state.answers).toMatchObject([{ annotations: [aBox(1)] }, { annotations: [aBox(2)] }]),
  )
  expect(onDesk(desk)[0]).toBe('1')
})
