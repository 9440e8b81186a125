import { IsNull, type FindOptionsWhere } from 'typeorm'
import type { IterationRow } from './iteration.entity.ts'

/** A series of rounds, each beginning where the one before ended: a project's own, or a branch of it. */
export interface Line {
  readonly projectId: string
  /** The plan that branched off; null: the project's own. */
  readonly branchId: string | null
}

/** The rounds of a line. */
export function inLine({ projectId, branchId }: Line): FindOptionsWhere<IterationRow> {
  return { projectId, branchId: branchId ?? IsNull() }
}
