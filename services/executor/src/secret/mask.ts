const replacement = Buffer.from('***')
const shortestEncoded = 6

/** How far bytes were masked; what follows may be the beginning of a secret, or of a character. */
export interface Masked {
  readonly masked: Buffer
  /** Bytes done with; the caller brings the others again, with what follows them. */
  readonly used: number
}

/**
 * Replaces secrets, and their base64, by `***`. The result does not depend on how the bytes were cut into calls: of
 * several secrets at one place the longest is taken, and what it covers is not looked at again.
 */
export class Mask {
  private readonly byFirstByte = Array.from({ length: 256 }, (): readonly Buffer[] => [])
  private readonly isFirstByte = new Uint8Array(256)
  private readonly isEmpty: boolean

  constructor(secrets: Iterable<string>) {
    const patterns = [...new Set([...secrets].flatMap(patternsOf))].map((text) => Buffer.from(text))
    patterns.sort((one, other) => other.length - one.length)
    this.isEmpty = patterns.length === 0
    for (const pattern of patterns) {
      const first = pattern[0] ?? 0
      this.byFirstByte[first] = [...(this.byFirstByte[first] ?? []), pattern]
      this.isFirstByte[first] = 1
    }
  }

  /** Masks a text that is whole. */
  text(text: string): string {
    return this.isEmpty ? text : this.all(Buffer.from(text)).toString()
  }

  /** Masks bytes that more follow: an end that may be the beginning of a secret is not used. */
  some(bytes: Buffer): Masked {
    return this.scan(bytes, false)
  }

  /** Masks bytes that nothing follows. */
  all(bytes: Buffer): Buffer {
    return this.scan(bytes, true).masked
  }

  private scan(bytes: Buffer, ended: boolean): Masked {
    if (this.isEmpty) return { masked: bytes, used: bytes.length }
    const parts: Buffer[] = []
    let copied = 0
    let at = 0
    while (at < bytes.length) {
      // a byte of a Buffer is one of the 256
      if (this.isFirstByte[bytes[at] as number] === 0) {
        at += 1
        continue
      }
      const found = this.secretAt(bytes, at)
      if (found === 'perhaps' && !ended) break
      const length = found === 'perhaps' ? this.wholeSecretAt(bytes, at) : found
      if (length) {
        parts.push(bytes.subarray(copied, at), replacement)
        copied = at + length
      }
      at += length || 1
    }
    if (parts.length === 0) return { masked: bytes.subarray(0, at), used: at }
    return { masked: Buffer.concat([...parts, bytes.subarray(copied, at)]), used: at }
  }

  /** Length of the secret that begins here; 'perhaps' when the bytes end within one. */
  private secretAt(bytes: Buffer, at: number): number | 'perhaps' {
    for (const pattern of this.patternsAt(bytes, at)) {
      const end = Math.min(bytes.length, at + pattern.length)
      if (end > at + 1 && bytes[at + 1] !== pattern[1]) continue // most end here, without a call
      if (bytes.compare(pattern, 0, end - at, at, end) !== 0) continue
      return end - at === pattern.length ? pattern.length : 'perhaps'
    }
    return 0
  }

  private wholeSecretAt(bytes: Buffer, at: number): number {
    const isHere = (pattern: Buffer) => bytes.subarray(at, at + pattern.length).equals(pattern)
    return this.patternsAt(bytes, at).find(isHere)?.length ?? 0
  }

  private patternsAt(bytes: Buffer, at: number): readonly Buffer[] {
    return this.byFirstByte[bytes[at] ?? 0] ?? []
  }
}

/** What a secret looks like in a log: as it is, and in base64 alone or within something longer, usual or for URLs. */
function patternsOf(secret: string): string[] {
  const alone = Buffer.from(secret).toString('base64')
  const encoded = [
    alone,
    alone.replace(/=+$/, ''),
    ...[0, 1, 2].map((before) => withinBase64(secret, before)),
  ]
  const forUrls = encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [secret, ...[...encoded, ...forUrls].filter((text) => text.length >= shortestEncoded)]
}

/** The characters that base64 has for these bytes whatever stands around them. @param before bytes before, modulo 3 */
function withinBase64(secret: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
  const first = before === 0 ? 0 : before + 1 // a character is six bits: those that share one with the bytes before
  return bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6))
}
