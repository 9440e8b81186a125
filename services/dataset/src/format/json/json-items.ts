import { Tokenizer, TokenParser, TokenType } from '@streamparser/json'
import { BadArchive } from '../../import/problem.ts'

export interface JsonItem {
  /** The list's key in the file; undefined when the file is one list. */
  readonly list: string | undefined
  /** Place in the list, from 0. */
  readonly index: number
  /** As JSON.parse would give it. */
  readonly value: unknown
}

/** What one item may ask of us. */
const deepest = 24
const mostTokens = 4_000_000
/** Bytes of one text or number. */
const longestToken = 32 * 1024 ** 2

/**
 * The items of lists in a JSON file that may be larger than a text can be, while it is read: JSON.parse would need the whole
 * file at once and stop everything else for seconds.
 * @param lists keys of the lists, or 'ROOT' when the file is one list
 * @throws BadArchive when it is not JSON, or nested without end: an annotation file of which the end is missing would turn
 * images with objects into images without
 */
export async function* jsonItems(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  lists: readonly string[] | 'ROOT',
): AsyncGenerator<JsonItem> {
  const tokenizer = new Tokenizer({ stringBufferSize: 64 * 1024 })
  const parser = new TokenParser({
    paths: lists === 'ROOT' ? ['$.*'] : lists.map((key) => `$.${key}.*`),
    keepStack: false,
  })
  let items: JsonItem[] = []
  const limits = new Limits()
  parser.onValue = ({ value, key, stack }) => {
    limits.itemEnded()
    const list = stack[1]?.key
    if (typeof key === 'number')
      items.push({ list: list === undefined ? list : String(list), index: key, value })
  }
  tokenizer.onToken = (token) => {
    limits.see(token)
    parser.write(token)
  }
  const lines = new Lines()
  try {
    for await (const chunk of bytes) {
      lines.see(chunk)
      tokenizer.write(chunk)
      limits.endOfChunk(lines.bytes)
      yield* items
      items = []
    }
    if (!tokenizer.isEnded) tokenizer.end()
    if (!parser.isEnded) parser.end() // refuses what is not whole
  } catch (error) {
    throw error instanceof Error && !('code' in error)
      ? notJson(file, lines.at(limits.lastToken), error)
      : error
  }
  yield* items
}

class Limits {
  private depth = 0
  private tokens = 0
  /** Where the last token that was read begins. */
  lastToken = 0

  see({ token, offset }: { token: TokenType; offset: number }) {
    this.lastToken = offset
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.depth++
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.depth--
    if (this.depth > deepest) throw new Error(`is nested deeper than ${deepest}`)
    if (++this.tokens > mostTokens) throw new Error('has an item that is too large')
  }

  itemEnded() {
    this.tokens = 0
  }

  endOfChunk(bytes: number) {
    if (bytes - this.lastToken > longestToken) throw new Error(`has a text longer than ${longestToken} bytes`)
  }
}

/** Counts lines; only the chunk that is being read is kept. */
class Lines {
  bytes = 0
  private line = 1
  private chunk: Uint8Array = new Uint8Array()

  see(chunk: Uint8Array) {
    this.line = this.at(this.bytes)
    this.bytes += chunk.length
    this.chunk = chunk
  }

  /** The line of a byte in the chunk, counted from the beginning of the file. */
  at(offset: number): number {
    const end = offset - (this.bytes - this.chunk.length)
    let line = this.line
    for (let at = this.chunk.indexOf(10); at >= 0 && at < end; at = this.chunk.indexOf(10, at + 1)) line++
    return line
  }
}

function notJson(file: string, line: number, error: Error): BadArchive {
  const isLimit = /^(is nested|has )/.test(error.message)
  return new BadArchive({
    file,
    line,
    problem: isLimit ? error.message : `is not JSON from here on: ${error.message}`,
    remedy: 'write it again with the tool that made it; NaN and Infinity are no JSON',
  })
}

/** The beginning of a file as text. */
export async function headOf(bytes: AsyncIterable<Uint8Array>, length = 4_096): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(chunks).subarray(0, length).toString('utf8')
}
