const longSeconds = 120

/** Seconds, or minutes where there are many. */
export function paceWords(seconds: number, language: string): string {
  const [value, unit] = seconds < longSeconds ? [seconds, 'second'] : [seconds / 60, 'minute']
  const style = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(language, style).format(value)
}
