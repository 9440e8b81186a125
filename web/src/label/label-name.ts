/** Names with the same key name the same label: case, spelling of accents and number of spaces do not count. */
export function labelKey(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase()
}

/** The label that a name or an alias means; undefined when none does. */
export function labelNamed<Label extends { name: string; aliases: readonly string[] }>(
  name: string,
  labels: readonly Label[],
): Label | undefined {
  const key = labelKey(name)
  return labels.find((label) => [label.name, ...label.aliases].some((one) => labelKey(one) === key))
}
