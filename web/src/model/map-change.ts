export interface MapChange {
  readonly direction: 'up' | 'down' | 'level'
  /** 0 to 1; negative: worse. */
  readonly by: number
}

/** What is less is not shown in per cent with one digit. */
const leastShown = 0.0005

/** How mAP changed; undefined when there is nothing to compare with. @param before 0 to 1 */
export function changeOf(map: number, before: number | null | undefined): MapChange | undefined {
  if (before === null || before === undefined) return undefined
  const by = map - before
  if (Math.abs(by) < leastShown) return { direction: 'level', by: 0 }
  return { direction: by > 0 ? 'up' : 'down', by }
}

/** A difference of shares in percentage points with its sign, e.g. `+1.2`. @param by -1 to 1 */
export function points(language: string, by: number): string {
  const format = new Intl.NumberFormat(language, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  return format.format(by * 100)
}

/** Whether a difference lies beyond the noise of the test set: its interval does not hold 0. */
export function verdictOf({ low, high }: { low: number; high: number }): 'gain' | 'loss' | 'noise' {
  if (low > 0) return 'gain'
  return high < 0 ? 'loss' : 'noise'
}
