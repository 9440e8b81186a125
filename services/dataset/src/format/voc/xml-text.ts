import { BadItem } from '../../import/problem.ts'

/**
 * The text of an XML file in the encoding that it declares (UTF-8 by default), with line feeds as the only line ends.
 * @throws BadItem when the bytes are not in that encoding
 */
export function decodeXml(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n')
  } catch {
    throw new BadItem({
      file,
      line: 1,
      found: `encoding ${encoding}`,
      problem: 'is not how its text is written',
      remedy: 'save it as UTF-8',
    })
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^[^<]*<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(start)?.[1] ?? 'utf-8'
}
