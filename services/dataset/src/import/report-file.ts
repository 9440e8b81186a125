import { csvLine } from '@ymir/service'
import type { Import } from './import.entity.ts'
import type { ImportProblem } from './problem.ts'

/** The report as one JSON object, problem by problem. */
export async function* jsonOf(
  { id, state, problem, found, createdAt, finishedAt }: Import,
  problems: AsyncIterable<ImportProblem>,
): AsyncGenerator<string> {
  const { problems: _, problemsBlob: __, ...counts } = found ?? {}
  const head = JSON.stringify({ importId: id, state, problem, createdAt, finishedAt, ...counts })
  yield `${head.slice(0, -1)},"problems":[`
  let separator = '\n'
  for await (const one of problems) {
    yield separator + JSON.stringify(one)
    separator = ',\n'
  }
  yield '\n]}\n'
}

const columns = ['file', 'line', 'field', 'found', 'problem', 'remedy', 'outcome'] as const

/** The problems as a table (RFC 4180). */
export async function* csvOf(_: Import, problems: AsyncIterable<ImportProblem>): AsyncGenerator<string> {
  yield csvLine(columns)
  for await (const problem of problems) yield csvLine(columns.map((column) => problem[column]))
}
