/** A decimal number without rounding: `digits` / 10^`scale`. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const longest = 400

/** The number that a text says, e.g. 0.5, 5e-01; undefined when it says none. */
export function decimalOf(text: string): Decimal | undefined {
  const parts = text.length <= longest && /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i.exec(text)
  if (!parts) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  if (!whole && !fraction) return undefined
  const scale = fraction.length - Number(exponent)
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** The number nearest to it that a computer holds. */
export function numberOf({ digits, scale }: Decimal): number {
  return Number(textOf({ digits, scale }))
}

/** Without zeros that say nothing. */
export function textOf({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  const fraction = text.slice(text.length - scale).replace(/0+$/, '')
  return fraction ? `${sign}${whole}.${fraction}` : `${sign}${whole}`
}

/** `one` times `factor` minus `other` times `otherFactor`. */
export function weighted(one: Decimal, factor: bigint, other: Decimal, otherFactor: bigint): Decimal {
  const scale = Math.max(one.scale, other.scale)
  const at = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own)
  return { digits: at(one) * factor - at(other) * otherFactor, scale }
}

/** A number as the decimal that it stands for, exactly. @param value finite */
export function exactly(value: number): Decimal {
  return decimalOf(String(value))!
}

/** `value` / `divisor` with so many digits after the point; the last one is even, so that half of it needs one digit more. */
export function divided({ digits, scale }: Decimal, divisor: number, places: number): Decimal {
  const scaled = digits * 10n ** BigInt(Math.max(0, places - scale))
  const divisorAtScale = BigInt(divisor) * 10n ** BigInt(Math.max(0, scale - places))
  const half = scaled / divisorAtScale / 2n
  return { digits: half * 2n, scale: places }
}
