import type { MouldedColour } from './colour.ts'

/**
 * The fourteen kinds of bricks, and how often each is met: of every ten bricks of the most frequent kinds there is one
 * of each rare kind. Several are told apart by one feature alone: brick and plate by height, 2x3 and 2x4 by length,
 * plate and tile by studs, slope and brick by one face.
 */
export const frequencies = {
  'brick-2x4': 10,
  'brick-2x3': 10,
  'brick-2x2': 10,
  'brick-1x4': 10,
  'plate-2x4': 10,
  'plate-2x3': 4,
  'plate-1x4': 4,
  'slope-2x2': 4,
  'round-2x2': 4,
  'tile-2x4': 1,
  'corner-2x2': 1,
  'arch-1x4': 1,
  'cone-2x2': 1,
  'wedge-2x4': 1,
} as const

export type Kind = keyof typeof frequencies

// as: Object.keys forgets the literal types; these are all the keys there are
export const kinds = Object.keys(frequencies) as readonly Kind[]

export const isRare = (kind: Kind): boolean => frequencies[kind] === 1

/**
 * The colours in which each kind comes, the usual one first. Look-alikes share theirs: a colour narrows the kind down and
 * never tells it.
 */
export const coloursOf: Record<Kind, readonly [MouldedColour, MouldedColour, MouldedColour]> = {
  'brick-2x4': ['red', 'yellow', 'blue'],
  'brick-2x3': ['blue', 'red', 'white'],
  'brick-2x2': ['yellow', 'blue', 'red'],
  'brick-1x4': ['white', 'green', 'black'],
  'plate-2x4': ['green', 'red', 'grey'],
  'plate-2x3': ['grey', 'blue', 'green'],
  'plate-1x4': ['black', 'white', 'grey'],
  'slope-2x2': ['brown', 'red', 'yellow'],
  'round-2x2': ['orange', 'yellow', 'white'],
  'tile-2x4': ['grey', 'green', 'white'],
  'corner-2x2': ['lime', 'yellow', 'green'],
  'arch-1x4': ['tan', 'white', 'black'],
  'cone-2x2': ['pink', 'orange', 'white'],
  'wedge-2x4': ['brown', 'blue', 'red'],
}
