/**
 * Round numbers that hold a range, in even steps of 1, 2 or 5 times a power of ten (Heckbert 1990).
 * @param wanted about how many steps
 */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  if (low === high) return niceTicks(low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2, wanted)
  const step = niceStep((high - low) / wanted)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  // multiplied, not added up: sums of 0.1 drift
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = rough / power
  return (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10) * power
}
