import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { homeFolder } from '../home.ts'
import { logFolder, logOf, wholeLog } from '../supervisor/logs.ts'
import { UsageError } from '../usage-error.ts'
import { paint } from './terminal.ts'

/** Prints the last lines of all logs, or of one service's, and with -f what comes. */
export async function logs(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      follow: { type: 'boolean', short: 'f' },
      lines: { type: 'string', short: 'n', default: '100' },
    },
    allowPositionals: true,
  })
  const home = homeFolder()
  const [name] = positionals
  const file = name ? logOf(home, name) : wholeLog(home)
  if (!existsSync(file))
    throw new UsageError(
      name ? `no log of ${name}: there are ${namesIn(home)}` : `no logs in ${logFolder(home)}`,
    )
  const print = (line: string) => console.log(name ? line : coloured(line))

  const last: string[] = []
  let position = await readLines(file, 0, (line) => {
    last.push(line)
    if (last.length > Number(values.lines)) last.shift()
  })
  last.forEach(print)
  while (values.follow) {
    await delay(200)
    const size = existsSync(file) ? statSync(file).size : 0
    if (size < position) position = 0 // a new file was begun
    if (size > position) position = await readLines(file, position, print)
  }
  return 0
}

/** @returns where the file ended; bytes of a line that is still being written are read as a line of their own */
async function readLines(file: string, from: number, take: (line: string) => void): Promise<number> {
  const stream = createReadStream(file, { start: from })
  for await (const line of createInterface({ input: stream })) take(line)
  return from + stream.bytesRead
}

function coloured(line: string): string {
  const [, name, rest] = line.match(/^(\S+ *\|)(.*)$/s) ?? []
  if (!name) return line
  const isBad = /^ \S+ (error|warn)/.test(rest ?? '')
  return paint.byName(name.slice(0, -1).trim())(name) + (isBad ? paint.red(rest ?? '') : rest)
}

function namesIn(home: string): string {
  if (!existsSync(logFolder(home))) return 'none yet'
  return readdirSync(logFolder(home))
    .filter((file) => file.endsWith('.log') && file !== 'ymir.log')
    .map((file) => file.slice(0, -'.log'.length))
    .join(', ')
}
