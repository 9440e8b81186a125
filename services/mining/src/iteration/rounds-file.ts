import { csvLine } from '@ymir/service'
import type { RoundLine } from './rounds.ts'

type Cell = string | number | null | undefined

/** What stands in each column; shares are 0 to 1, minutes and times as they are noted. */
const columns: Readonly<Record<string, (line: RoundLine) => Cell>> = {
  round: ({ round }) => round,
  strategy: ({ strategy }) => strategy,
  pool: ({ poolCount }) => poolCount,
  training: ({ trainingCount }) => trainingCount,
  images: ({ imageCount }) => imageCount,
  boxes: ({ record }) => record?.boxCount,
  map50: ({ map50 }) => map50,
  map50Low: ({ record }) => record?.measured?.interval?.low,
  map50High: ({ record }) => record?.measured?.interval?.high,
  change: ({ change }) => change,
  gainLow: ({ record }) => record?.gain?.low,
  gainHigh: ({ record }) => record?.gain?.high,
  gainOverRound: ({ record }) => record?.gain?.overRound,
  labellingMinutes: ({ record }) => record?.labellingMinutes,
  jobMinutes: ({ record }) => record?.jobMinutes,
  gpuMinutes: ({ record }) => record?.gpuMinutes,
  labelledBy: ({ record }) => record?.labelledBy.join(', '),
  model: ({ modelName }) => modelName,
  modelId: ({ modelId }) => modelId,
  evaluationId: ({ record }) => record?.measured?.evaluationId,
  trainingVersionId: ({ trainingVersionId }) => trainingVersionId,
  minedVersionId: ({ minedVersionId }) => minedVersionId,
  labelledVersionId: ({ labelledVersionId }) => labelledVersionId,
  testVersionId: ({ testVersionId }) => testVersionId,
  startedAt: ({ startedAt }) => startedAt?.toISOString(),
  finishedAt: ({ finishedAt }) => finishedAt?.toISOString(),
}

/** The table of rounds as CSV; what is not known is empty. */
export function roundsAsCsv(lines: readonly RoundLine[]): string {
  const cellsOf = (line: RoundLine) => Object.values(columns).map((cell) => cell(line))
  return [Object.keys(columns), ...lines.map(cellsOf)].map(csvLine).join('')
}
