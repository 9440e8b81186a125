/**
 * The colour of a label wherever it is drawn: that of the workspace, which tells neighbours clearly apart; until it is known,
 * and for labels that only a model knows, one of its name alone.
 * @returns a CSS colour that stands out on photographs and on both schemes' backgrounds, also for the future: it is a variable
 */
export function labelColour(label: string): string {
  const hash = hashOf(label)
  const hue = Math.round(((hash % 997) * goldenAngle) % 360)
  // neighbours of a hue differ in lightness as well, for those who tell hues badly
  return `var(${variableOf(label)}, oklch(${55 + ((hash >>> 12) % 3) * 10}% 0.14 ${hue}))`
}

/** The same where variables mean nothing, as on a canvas. */
export function labelColourNow(label: string): string {
  const known = getComputedStyle(document.documentElement).getPropertyValue(variableOf(label))
  return known || labelColour(label).replace(/^var\([^,]+, (.*)\)$/, '$1')
}

/** From now on labels are drawn in these colours, also where they are drawn already. */
export function colourLabels(labels: readonly { readonly name: string; readonly color: string }[]): void {
  const { style } = document.documentElement
  for (const { name, color } of labels) style.setProperty(variableOf(name), color)
}

const variableOf = (label: string) => `--label-${hashOf(label).toString(36)}`

/** Steps of the golden angle lie far apart however many there are. */
const goldenAngle = 137.508

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
