/** Bytes asked for by an HTTP Range header; both ends inclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads `Range: bytes=...` (RFC 9110, 14.2). Several ranges, and units that we do not know, are as good as none.
 * @returns undefined: send everything; 'unsatisfiable': answer 416
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (!match[1] && !match[2])) return undefined
  const [, first, last] = match
  if (!first)
    return Number(last) > 0 && size > 0
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : 'unsatisfiable'
  const start = Number(first)
  const end = last ? Math.min(Number(last), size - 1) : size - 1
  if (last && Number(last) < start) return undefined
  return start < size ? { start, end } : 'unsatisfiable'
}
