/**
 * The colour of a label wherever it is drawn: of its name alone, so that it is the same on every page and in every session.
 * @returns a CSS colour that stands out on photographs and on both schemes' backgrounds
 */
export function labelColour(label: string): string {
  const hash = hashOf(label)
  // neighbours of a hue differ in lightness as well, for those who tell hues badly
  return `hsl(${hueOf(hash)} ${70 + ((hash >>> 9) % 3) * 10}% ${48 + ((hash >>> 12) % 3) * 7}%)`
}

/** Steps of the golden angle lie far apart however many there are. */
const hueOf = (hash: number): number => Math.round(((hash % 997) * 137.508) % 360)

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
