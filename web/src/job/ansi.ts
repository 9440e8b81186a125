export interface AnsiStyle {
  /** A CSS colour. */
  readonly colour?: string
  readonly background?: string
  readonly bold?: true
  readonly dim?: true
  readonly italic?: true
  readonly underline?: true
}

export interface AnsiSpan extends AnsiStyle {
  readonly text: string
}

const names = ['gray', 'red', 'green', 'yellow', 'blue', 'grape', 'cyan', 'gray'] as const
const sequences = /\u001b(?:\[([0-9;:?]*)([ -/]*[@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

/** A line's text by its colours and weights (ECMA-48 SGR); other control sequences are left out. */
export function ansiSpans(line: string): AnsiSpan[] {
  if (!line.includes('\u001b')) return line ? [{ text: line }] : []
  const spans: AnsiSpan[] = []
  let style: AnsiStyle = {}
  let from = 0
  const take = (to: number) => {
    if (to > from) spans.push({ ...style, text: line.slice(from, to) })
  }
  for (const { index, 0: sequence, 1: codes, 2: command } of line.matchAll(sequences)) {
    take(index)
    from = index + sequence.length
    if (command === 'm') style = restyled(style, (codes ?? '').split(/[;:]/).map(Number))
  }
  take(line.length)
  return spans
}

/** A line without its control sequences: what is searched and copied. */
export function withoutAnsi(line: string): string {
  return line.includes('\u001b') ? line.replace(sequences, '') : line
}

function restyled(style: AnsiStyle, codes: readonly number[]): AnsiStyle {
  let next = style
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!
    if (code === 38 || code === 48) {
      const { colour, length } = extendedColour(codes.slice(at + 1))
      at += length
      next = code === 38 ? { ...next, colour } : { ...next, background: colour }
    } else next = simple(next, code)
  }
  return next
}

function simple(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return {}
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 3) return { ...style, italic: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 22) return { ...style, bold: undefined, dim: undefined }
  if (code === 23) return { ...style, italic: undefined }
  if (code === 24) return { ...style, underline: undefined }
  if (code === 39) return { ...style, colour: undefined }
  if (code === 49) return { ...style, background: undefined }
  if (code >= 30 && code <= 37) return { ...style, colour: ownColour(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, colour: ownColour(code - 90) }
  if (code >= 40 && code <= 47) return { ...style, background: paleColour(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, background: paleColour(code - 100) }
  return style
}

/** What follows 38 or 48: `5;n` of the 256, or `2;r;g;b`. */
function extendedColour(codes: readonly number[]): { colour: string | undefined; length: number } {
  if (codes[0] === 5) return { colour: of256(codes[1] ?? 0), length: 2 }
  if (codes[0] === 2) return { colour: `rgb(${codes.slice(1, 4).join(' ')})`, length: 4 }
  return { colour: undefined, length: codes.length }
}

/** xterm's 256: 16 of the theme, a cube of 6 x 6 x 6, 24 grays. */
function of256(code: number): string {
  if (code < 16) return ownColour(code % 8)
  if (code >= 232) {
    const level = 8 + (code - 232) * 10
    return `rgb(${level} ${level} ${level})`
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const cube = code - 16
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`
}

/** Readable on either scheme, which a terminal's own sixteen are not. */
function ownColour(index: number): string {
  const name = names[index]!
  return `light-dark(var(--mantine-color-${name}-9), var(--mantine-color-${name}-3))`
}

function paleColour(index: number): string {
  const name = names[index]!
  return `light-dark(var(--mantine-color-${name}-1), var(--mantine-color-${name}-9))`
}
