/** One promise of the executor contract, held against an image. */
export interface Finding {
  /** `noted`: the platform copes with it, or it is optional. */
  readonly verdict: 'kept' | 'noted' | 'broken'
  /** What was found, with file and line where there is one. */
  readonly found: string
  /** What to do about it. */
  readonly remedy?: string
}

export const kept = (found: string): Finding => ({ verdict: 'kept', found })
export const noted = (found: string, remedy?: string): Finding => ({ verdict: 'noted', found, remedy })
export const broken = (found: string, remedy?: string): Finding => ({ verdict: 'broken', found, remedy })

/** The findings in one line. */
export function verdictOf(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length
  const counts = `${count('kept')} kept, ${count('noted')} noted, ${count('broken')} broken`
  return count('broken') === 0 ? `keeps the contract (${counts})` : `breaks the contract (${counts})`
}
