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
  MERGE_THREE_WAY: 'MERGE_THREE_WAY',
  RELABEL: 'RELABEL',
  COPY: 'COPY',
} as const

export type Operation = keyof typeof DatasetOperation
