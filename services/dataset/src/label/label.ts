/**
 * Names and aliases of a workspace's labels. A name is found in any case and spelling of spaces, and through aliases.
 */
export class LabelBook {
  private readonly names = new Map<string, string>()

  /** @param labels every label with its aliases */
  constructor(labels: Iterable<{ name: string; aliases: readonly string[] }>) {
    for (const { name, aliases } of labels)
      for (const one of [name, ...aliases]) this.names.set(labelKey(one), name)
  }

  /** The label's own name, or undefined when the workspace does not know it. */
  resolve(name: string): string | undefined {
    return this.names.get(labelKey(name))
  }

  /** Own names of all labels, in order. */
  all(): string[] {
    return [...new Set(this.names.values())].sort()
  }

  add(name: string): string {
    const tidy = tidyName(name)
    this.names.set(labelKey(tidy), tidy)
    return tidy
  }
}

/** Names with the same key are the same name. */
export function labelKey(name: string): string {
  return tidyName(name).toLowerCase()
}

export function tidyName(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/g, ' ')
}

export const longestLabelName = 100

/** What is wrong with a label's name, in words; undefined when it is fine. */
export function problemOfName(name: string): string | undefined {
  const tidy = tidyName(name)
  if (!tidy) return 'is empty'
  if (tidy.length > longestLabelName) return `is longer than ${longestLabelName} characters`
  // a tab or line end would break the executor contract's index files
  if (/\p{Cc}/u.test(tidy)) return 'has control characters'
  return undefined
}

/** Lightness in OKLab, in turn: hues that come near each other after some steps differ by it. */
const lightnesses = [0.55, 0.65, 0.75]
const chroma = 0.14
/** The golden angle spreads any number of hues. */
const goldenAngle = 137.508

/**
 * Colours that differ well from each other, however many there are, and are seen on photographs, on white and on black.
 * @param index of the label, in the order in which labels are made
 * @returns #rrggbb
 */
export function colorOf(index: number): string {
  const hue = ((30 + index * goldenAngle) * Math.PI) / 180
  const lightness = lightnesses[index % lightnesses.length]!
  const rgb = srgbOf(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue))
  return `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** OKLab as sRGB, 0 to 255 (Ottosson 2020, "A perceptual color space for image processing"). */
function srgbOf(lightness: number, a: number, b: number): number[] {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ].map((linear) => {
    const part = Math.min(1, Math.max(0, linear))
    return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055))
  })
}
