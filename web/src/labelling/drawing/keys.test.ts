import { expect, test } from 'vitest'
import { nameOf } from './keys.ts'

const pressed = (key: string, ...modifiers: ('ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey')[]) =>
  nameOf({
    ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
    ...Object.fromEntries(modifiers.map((modifier) => [modifier, true])),
  })

test('a key is named with its modifiers, whatever the keyboard makes of Shift', () => {
  expect(pressed('n')).toBe('N')
  expect(pressed('Z', 'ctrlKey', 'shiftKey')).toBe('Ctrl+Shift+Z')
  expect(pressed('z', 'metaKey')).toBe('Ctrl+Z')
  expect(pressed('ArrowLeft', 'altKey', 'shiftKey')).toBe('Alt+Shift+ArrowLeft')
  expect(pressed('?', 'shiftKey')).toBe('?')
  expect(pressed('+', 'shiftKey')).toBe('+')
})
