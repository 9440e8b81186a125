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

/** Colours that differ well on photographs and for most colour-blind people (Okabe and Ito 2008), then around the circle. */
const palette = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7']

export function colorOf(index: number): string {
  const known = palette[index]
  if (known) return known
  const hue = Math.round((index * 137.508) % 360) // the golden angle spreads any number of hues
  return `hsl(${hue} 70% 50%)`
}
