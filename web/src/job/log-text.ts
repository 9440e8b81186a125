import type { LogStream } from '../graph/schema.generated.ts'

export interface LogLine {
  /** From 1, among all lines. */
  readonly number: number
  readonly stream: LogStream
  readonly text: string
}

export interface LogText {
  readonly lines: readonly LogLine[]
  /** Whether the last line of a stream may still go on. */
  readonly open: ReadonlySet<LogStream>
  /** In bytes of the log. */
  readonly nextOffset: number
  /** The first lines are not kept when there are too many. */
  readonly dropped: number
}

export interface Piece {
  readonly stream: LogStream
  readonly offset: number
  readonly text: string
}

export const emptyLog: LogText = { lines: [], open: new Set(), nextOffset: 0, dropped: 0 }

/** As many lines as a page keeps; the whole is there to be downloaded. */
export const mostLines = 100_000

/** What follows in a log; pieces that are there already are left out. */
export function withPieces(log: LogText, pieces: readonly Piece[], nextOffset: number): LogText {
  if (nextOffset <= log.nextOffset) return log
  const lines = [...log.lines]
  const open = new Set(log.open)
  let number = (lines.at(-1)?.number ?? log.dropped) + 1
  for (const { stream, text } of pieces.filter(({ offset }) => offset >= log.nextOffset)) {
    const [first = '', ...rest] = text.split(/\r?\n/)
    const openLine = open.has(stream) ? lines.findLastIndex((line) => line.stream === stream) : -1
    if (openLine >= 0)
      lines[openLine] = { ...lines[openLine]!, text: overwritten(lines[openLine]!.text + first) }
    else if (first !== '' || rest.length > 0)
      lines.push({ number: number++, stream, text: overwritten(first) })
    const last = rest.pop()
    for (const line of rest) lines.push({ number: number++, stream, text: overwritten(line) })
    if (last) lines.push({ number: number++, stream, text: overwritten(last) })
    if (last === '') open.delete(stream)
    else open.add(stream)
  }
  const surplus = Math.max(0, lines.length - mostLines)
  return { lines: lines.slice(surplus), open, nextOffset, dropped: log.dropped + surplus }
}

/** A carriage return begins the line anew, as progress bars do. */
function overwritten(line: string): string {
  const at = line.lastIndexOf('\r', line.length - 2)
  return at === -1 ? line : line.slice(at + 1)
}

/** The indexes of lines that have a text in them, whatever its case. */
export function linesWith(texts: readonly string[], wanted: string): number[] {
  if (!wanted) return []
  const lower = wanted.toLowerCase()
  return texts.flatMap((text, index) => (text.toLowerCase().includes(lower) ? [index] : []))
}
