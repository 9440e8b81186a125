export interface Cell {
  readonly groundTruth: string | null
  readonly predicted: string | null
  readonly count: number
}

/** Null: background. */
export type Side = string | null

export interface ConfusionTable {
  readonly sides: readonly Side[]
  readonly count: (groundTruth: Side, predicted: Side) => number
  /** A cell's share of its row: of the objects of a label, how many were taken for another. 0 to 1. */
  readonly share: (groundTruth: Side, predicted: Side) => number
}

/** The whole table of cells, those with nothing in them too; background stands last. */
export function confusionTable(labels: readonly string[], cells: readonly Cell[]): ConfusionTable {
  const counts = new Map(cells.map((cell) => [keyOf(cell.groundTruth, cell.predicted), cell.count]))
  const sums = new Map<Side, number>()
  for (const { groundTruth, count } of cells) sums.set(groundTruth, (sums.get(groundTruth) ?? 0) + count)
  const count = (groundTruth: Side, predicted: Side) => counts.get(keyOf(groundTruth, predicted)) ?? 0
  return {
    sides: [...labels, null],
    count,
    share: (groundTruth, predicted) => count(groundTruth, predicted) / (sums.get(groundTruth) || 1),
  }
}

function keyOf(groundTruth: Side, predicted: Side): string {
  return JSON.stringify([groundTruth, predicted])
}
