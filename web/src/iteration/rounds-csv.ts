import type { RoundsQuery } from './iteration.generated.ts'

type Round = NonNullable<RoundsQuery['project']>['rounds'][number]

const columns = ['round', 'pool', 'training', 'map50', 'change', 'model'] as const

/** The table of rounds as CSV (RFC 4180), shares as 0 to 1 with a point in every language. */
export function roundsAsCsv(rounds: readonly Round[]): string {
  const lines = rounds.map(({ round, poolCount, trainingCount, map50, change, model }) =>
    [round, poolCount, trainingCount, map50 ?? '', change ?? '', quoted(model.name)].join(','),
  )
  return [columns.join(','), ...lines, ''].join('\r\n')
}

/** A cell that a spreadsheet takes neither for two cells nor for a formula. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
