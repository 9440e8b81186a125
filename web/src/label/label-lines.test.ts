import { expect, test } from 'vitest'
import { labelsIn } from './label-lines.ts'

test('each line is a label, with its aliases after commas of either script', () => {
  expect(labelsIn('dog, Hund，狗\r\n\n  traffic light \ncat;\n')).toEqual([
    { name: 'dog', aliases: ['Hund', '狗'] },
    { name: 'traffic light', aliases: [] },
    { name: 'cat', aliases: [] },
  ])
})
