/** What can stand in a lineage; all but versions belong to other services. */
export const NodeKind = {
  VERSION: 'VERSION',
  MODEL: 'MODEL',
  JOB: 'JOB',
  LABELLING_TASK: 'LABELLING_TASK',
  MINING_TASK: 'MINING_TASK',
} as const
export type NodeKind = keyof typeof NodeKind

export const EdgeRole = {
  PARENT: 'PARENT',
  TRAINED_ON: 'TRAINED_ON',
  TESTED_ON: 'TESTED_ON',
  INFERRED_ON: 'INFERRED_ON',
  MINED_FROM: 'MINED_FROM',
  LABELLED_FROM: 'LABELLED_FROM',
  MADE_BY: 'MADE_BY',
} as const
export type EdgeRole = keyof typeof EdgeRole

export interface NodeRef {
  readonly kind: NodeKind
  readonly id: string
}

/** `to` came out of `from`, or was made with it. */
export interface Edge {
  readonly from: NodeRef
  readonly to: NodeRef
  readonly role: EdgeRole
  /** Of what another service made; null for parents, whose project the versions tell. */
  readonly projectId: string | null
}

export function nodeKey({ kind, id }: NodeRef): string {
  return `${kind} ${id}`
}

export function edgeKey({ from, to, role }: Edge): string {
  return `${nodeKey(from)} ${nodeKey(to)} ${role}`
}
