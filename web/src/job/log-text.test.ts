import { describe, expect, test } from 'vitest'
import { emptyLog, linesWith, mostLines, withPieces, type LogText } from './log-text.ts'

const out = (log: LogText, text: string, stream: 'STDOUT' | 'STDERR' = 'STDOUT') =>
  withPieces(log, [{ stream, offset: log.nextOffset, text }], log.nextOffset + text.length)
const texts = (log: LogText) => log.lines.map(({ text }) => text)

describe('a log', () => {
  test('is cut into lines wherever its pieces were cut', () => {
    const log = ['step', ' 1\nst', 'ep 2\n', 'step 3'].reduce((sofar, piece) => out(sofar, piece), emptyLog)
    expect(texts(log)).toEqual(['step 1', 'step 2', 'step 3'])
    expect(log.lines.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('keeps empty lines', () => {
    expect(texts(out(emptyLog, 'a\n\nb\n'))).toEqual(['a', '', 'b'])
  })

  test('keeps half a line of one stream apart from another’s', () => {
    const log = out(out(out(emptyLog, 'half'), 'warning\n', 'STDERR'), ' whole\n')
    expect(log.lines).toMatchObject([
      { stream: 'STDOUT', text: 'half whole' },
      { stream: 'STDERR', text: 'warning' },
    ])
  })

  test('shows the last state of a progress bar', () => {
    expect(texts(out(out(emptyLog, '10 %\r20 %'), '\r30 %\n'))).toEqual(['30 %'])
  })

  test('told twice is there once', () => {
    const once = out(emptyLog, 'a\nb\n')
    expect(withPieces(once, [{ stream: 'STDOUT', offset: 0, text: 'a\nb\n' }], 4)).toBe(once)
  })

  test('forgets its first lines beyond what a page keeps, and counts them', () => {
    const log = out(emptyLog, 'x\n'.repeat(mostLines + 5))
    expect(log.lines.length).toBe(mostLines)
    expect(log.dropped).toBe(5)
    expect(log.lines[0]!.number).toBe(6)
  })
})

test('lines are found whatever their case', () => {
  expect(linesWith(['Loss 1', 'mAP', 'the LOSS'], 'loss')).toEqual([0, 2])
  expect(linesWith(['a'], '')).toEqual([])
})
