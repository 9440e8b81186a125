import { open } from 'node:fs/promises'

/** A piece of a log that is whole characters. */
export interface LogPiece {
  /** Where it starts, in bytes. */
  readonly offset: number
  readonly text: string
  readonly nextOffset: number
}

export const longestPieceBytes = 64 * 1024

/**
 * Reads the characters of a log from a byte on. A character whose last bytes are not there yet is left for later.
 * @param limit bytes at most
 * @param ended nothing more will come: what is cut now stays cut
 * @returns an empty piece when there is nothing new, or no log
 */
export async function readLog(
  path: string,
  offset: number,
  { limit = longestPieceBytes, ended = false }: { limit?: number; ended?: boolean } = {},
): Promise<LogPiece> {
  const nothing = { offset, text: '', nextOffset: offset }
  const file = await open(path).catch(ignoreMissing)
  if (!file) return nothing
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(limit), { position: offset })
    const whole = wholeCharacters(buffer.subarray(0, bytesRead))
    const length = ended && whole === 0 ? bytesRead : whole
    return { offset, text: buffer.toString('utf8', 0, length), nextOffset: offset + length }
  } finally {
    await file.close()
  }
}

/** The last lines of a log, for a failure. */
export async function readLogTail(path: string, lines = 50): Promise<string> {
  const file = await open(path).catch(ignoreMissing)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - longestPieceBytes)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(longestPieceBytes), { position: start })
    const all = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n')
    return all.slice(-lines).join('\n')
  } finally {
    await file.close()
  }
}

/** Length without a UTF-8 character at the end that is cut; bytes that are no UTF-8 at all are not waited for. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue // a following byte: look for the one that leads
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
