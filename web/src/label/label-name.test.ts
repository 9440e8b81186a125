import { expect, test } from 'vitest'
import { labelNamed } from './label-name.ts'

const dog = { name: 'dog', aliases: ['Hund', 'guide  dog'] }

test.each(['dog', ' DOG ', 'hund', 'Guide dog'])('%j means the label dog', (name) => {
  expect(labelNamed(name, [dog])).toBe(dog)
})

test('a part of a name means nothing', () => {
  expect(labelNamed('do', [dog])).toBeUndefined()
})
