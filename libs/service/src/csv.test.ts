import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('figures are as they are, and what is not known is empty', () => {
  expect(csvLine(['round', 1161, 0.9094, -0.01, null, undefined])).toBe('round,1161,0.9094,-0.01,,\r\n')
})

test('a text is neither two cells nor a formula', () => {
  expect(csvLine(['first "good", round 1', '=1+1', 'two\nlines'])).toBe(
    `"first ""good"", round 1",'=1+1,"two\nlines"\r\n`,
  )
})
