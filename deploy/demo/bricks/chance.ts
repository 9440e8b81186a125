/** Draws from a source of numbers uniform in [0, 1), such as `seededRandom` gives. */
export type Random = () => number

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random()

/** A whole number from `low` to `high`, both included. */
export const wholeBetween = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

export const happens = (random: Random, probability: number): boolean => random() < probability

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

/** @param weightOf in any unit, not negative, not all zero */
export function pickWeighted<Item>(
  random: Random,
  items: readonly Item[],
  weightOf: (item: Item) => number,
): Item {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0)
  let rest = random() * total
  for (const item of items) {
    rest -= weightOf(item)
    if (rest < 0) return item
  }
  throw new RangeError('nothing to pick from: no item has a weight')
}

/** Standard normal (Box and Muller 1958). */
export const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
