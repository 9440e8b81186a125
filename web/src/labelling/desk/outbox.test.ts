import { expect, test, vi } from 'vitest'
import { Outbox, type Answer } from './outbox.ts'
import { aShelf } from '../testing/shelf.ts'

const skipped = (itemId: string, skipReason = 'dark') => ({ taskId: 'task', itemId, skipReason })
const isFinal = (error: unknown) => error instanceof RangeError
const arriving = (arrived: Answer[]) => async (answer: Answer) => void arrived.push(answer)
const cutOff = () => Promise.reject(new TypeError('failed to fetch'))

test('answers arrive one by one in their order', async () => {
  const arrived: Answer[] = []
  const outbox = new Outbox(aShelf(), 'ada', arriving(arrived), isFinal)
  const answers = [skipped('1'), skipped('2'), skipped('3')]

  for (const answer of answers) outbox.put(answer)

  await vi.waitFor(() => expect(arrived).toMatchObject(answers))
  await vi.waitFor(() => expect(outbox.state.waiting).toEqual([]))
})

test('without a connection answers wait, and go in their order when it is back', async () => {
  const arrived: Answer[] = []
  let send: (answer: Answer) => Promise<void> = cutOff
  const outbox = new Outbox(aShelf(), 'ada', (answer) => send(answer), isFinal)
  const answers = [skipped('1'), skipped('2')]
  for (const answer of answers) outbox.put(answer)
  await vi.waitFor(() => expect(outbox.state).toMatchObject({ isCutOff: true, waiting: answers }))

  send = arriving(arrived)
  outbox.wake()

  await vi.waitFor(() => expect(outbox.state).toMatchObject({ isCutOff: false, waiting: [] }))
  expect(arrived).toMatchObject(answers)
})

test('what waits when the page is closed goes when it is opened again, and only for who gave it', async () => {
  const shelf = aShelf()
  const answer = skipped('1')
  new Outbox(shelf, 'ada', cutOff, isFinal).put(answer)

  const ofBob = new Outbox(shelf, 'bob', cutOff, isFinal)
  expect(ofBob.state.waiting).toEqual([])
  const arrived: Answer[] = []
  const again = new Outbox(shelf, 'ada', arriving(arrived), isFinal)
  expect(again.isWaiting('1')).toBe(true)
  again.wake()
  await vi.waitFor(() => expect(arrived).toMatchObject([answer]))
})

test('a refused answer is told, and does not hold up those behind it', async () => {
  const arrived: Answer[] = []
  const refusal = new RangeError('not yours')
  const send = (answer: Answer) =>
    answer.itemId === '1' ? Promise.reject(refusal) : arriving(arrived)(answer)
  const outbox = new Outbox(aShelf(), 'ada', send, isFinal)
  const [first, second] = [skipped('1'), skipped('2')]

  outbox.put(first)
  outbox.put(second)

  await vi.waitFor(() => expect(arrived).toMatchObject([second]))
  expect(outbox.state.refused).toMatchObject([{ answer: first, error: refusal }])
  outbox.forgetRefused('1')
  expect(outbox.state.refused).toEqual([])
})

test.each([
  ['goes on', [1_000, 2_000]],
  ['stands still', [1_000, 1_000]],
  ['is set back', [2_000, 1_000]],
])(
  'an image answered anew while its first answer is under way gets both, the newer last, when the clock %s',
  async (_, times) => {
    vi.spyOn(Date, 'now').mockReturnValueOnce(times[0]!).mockReturnValueOnce(times[1]!)
    const arrived: Answer[] = []
    let letGo = () => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    const outbox = new Outbox(
      aShelf(),
      'ada',
      async (answer) => {
        await held
        arrived.push(answer)
      },
      isFinal,
    )
    const [first, anew] = [skipped('1'), skipped('1', 'blurred')]

    outbox.put(first)
    outbox.put(anew)
    letGo()

    await vi.waitFor(() => expect(arrived).toMatchObject([first, anew]))
    await vi.waitFor(() => expect(outbox.state.waiting).toEqual([]))
  },
)
