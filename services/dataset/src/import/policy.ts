export const ImportState = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  REFUSED: 'REFUSED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const
export type ImportState = keyof typeof ImportState

export const AnnotationPolicy = { TAKE: 'TAKE', IGNORE: 'IGNORE' } as const
export const UnknownLabels = { STOP: 'STOP', IGNORE: 'IGNORE', ADD: 'ADD' } as const
export const BadItems = { STOP: 'STOP', SKIP: 'SKIP' } as const

/** What the person who imports has decided beforehand. */
export interface ImportPolicy {
  /** IGNORE: images only, for a pool. */
  readonly annotations: keyof typeof AnnotationPolicy
  /** STOP: refuse and list them. IGNORE: leave their boxes out. ADD: make them labels of the workspace. */
  readonly unknownLabels: keyof typeof UnknownLabels
  /** STOP: refuse the whole import. SKIP: leave out what is wrong and report it. */
  readonly badItems: keyof typeof BadItems
}
