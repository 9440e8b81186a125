import { describe, expect, test } from 'vitest'
import { ansiSpans, withoutAnsi } from './ansi.ts'

const esc = '\u001b['

describe('a line of a log', () => {
  test('without colours is one span', () => {
    expect(ansiSpans('step 1')).toEqual([{ text: 'step 1' }])
    expect(ansiSpans('')).toEqual([])
  })

  test('is coloured from a code to its end', () => {
    const [plain, red, after] = ansiSpans(`a ${esc}1;31mred${esc}0m b`)
    expect(plain).toEqual({ text: 'a ' })
    expect(red).toMatchObject({ text: 'red', bold: true, colour: expect.stringContaining('red') })
    expect(after).toEqual({ text: ' b' })
  })

  test.each([
    ['38;2;1;2;3', 'rgb(1 2 3)'],
    ['38;5;196', 'rgb(255 0 0)'],
    ['38;5;244', 'rgb(128 128 128)'],
  ])('takes the colour %s', (code, colour) => {
    expect(ansiSpans(`${esc}${code}mx`)).toEqual([{ text: 'x', colour }])
  })

  test('loses cursor movements and window titles', () => {
    expect(withoutAnsi(`${esc}2K${esc}1Ga\u001b]0;title\u0007b`)).toBe('ab')
    expect(ansiSpans(`${esc}2Ka`)).toEqual([{ text: 'a' }])
  })

  test('never shows an escape sequence', () => {
    expect(
      ansiSpans(`${esc}999;zmx`)
        .map(({ text }) => text)
        .join(''),
    ).not.toContain('\u001b')
  })
})
