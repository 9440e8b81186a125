import { parse } from 'yaml'
import { z } from 'zod'
import { BadArchive, type ItemProblem } from '../../import/problem.ts'
import type { FileEntry, Files } from '../format.ts'
import { baseName } from '../image-names.ts'
import { shown } from '../place.ts'

const mostBytes = 1024 ** 2
const mostNames = 100_000

const names = z.union([z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())])
const dataFile = z.object({ names })

/** Whether a file may hold the names of classes. */
export function mayHoldNames(name: string): boolean {
  return /\.ya?ml$/i.test(name) || /^(classes\.txt|obj\.names|classes\.names)$/i.test(baseName(name))
}

/**
 * The names of the classes, by number: from a yaml file with `names` (a list, or a map of numbers), or a text file with one
 * name a line. The file nearest to the top of the archive counts.
 * @throws BadArchive when there is none
 */
export async function readNames(
  files: Files,
  others: readonly FileEntry[],
  problem: (problem: ItemProblem) => void,
): Promise<readonly string[]> {
  const found: { file: string; names: readonly string[] }[] = []
  for (const entry of others.filter(({ name }) => mayHoldNames(name)).sort(byDepth)) {
    const text = (await files.read(entry, mostBytes)).toString('utf8')
    const list = /\.ya?ml$/i.test(entry.name) ? namesInYaml(text, entry.name) : namesInLines(text)
    if (list) found.push({ file: entry.name, names: list })
  }
  const [first, ...rest] = found
  if (!first)
    throw new BadArchive({
      file: 'archive',
      problem: 'has no names of classes',
      remedy: 'add data.yaml with names, or classes.txt with a name on each line',
    })
  for (const other of rest)
    if (JSON.stringify(other.names) !== JSON.stringify(first.names))
      problem({
        file: other.file,
        problem: `has other classes than ${first.file}, which counts`,
        remedy: 'import sets of different classes one by one',
      })
  return first.names
}

function byDepth({ name: one }: FileEntry, { name: other }: FileEntry): number {
  const [a, b] = [one, other].map((name) => name.split('/').length)
  return a! - b! || (one < other ? -1 : 1)
}

function namesInLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  return lines
}

/** undefined when the file is about something else. */
function namesInYaml(text: string, file: string): string[] | undefined {
  const parsed = dataFile.safeParse(parseYaml(text, file))
  if (!parsed.success) return undefined
  const { names: said } = parsed.data
  if (Array.isArray(said)) return said
  const list: string[] = []
  for (const [key, name] of Object.entries(said)) {
    const number = Number(key)
    if (!/^\d+$/.test(key) || number >= mostNames) throw notAName(file, key)
    list[number] = name
  }
  return list
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10 })
  } catch (error) {
    throw new BadArchive({
      file,
      problem: `is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      remedy: 'fix it',
    })
  }
}

function notAName(file: string, key: string): BadArchive {
  return new BadArchive({
    file,
    field: `names.${shown(key)}`,
    problem: `is not the number of a class below ${mostNames}`,
    remedy: 'number the classes 0, 1, 2, ...',
  })
}
