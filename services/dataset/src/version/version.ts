/** How a version was made. */
export const DatasetOperation = {
  IMPORT: 'IMPORT',
  MERGE: 'MERGE',
  EXCLUDE: 'EXCLUDE',
  FILTER: 'FILTER',
  SAMPLE: 'SAMPLE',
  SPLIT: 'SPLIT',
  TAKE: 'TAKE',
  LABELLED: 'LABELLED',
} as const

export type Operation = keyof typeof DatasetOperation
