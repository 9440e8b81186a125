import type { LineagePartsFragment } from './lineage.generated.ts'

/** A thing of the graph: a dataset version, a job, a model, a mining or labelling task. */
export type Thing = NonNullable<LineagePartsFragment['nodes'][number]>
export type Tie = LineagePartsFragment['edges'][number]

export interface Lineage {
  readonly things: readonly Thing[]
  /** Between things that are there; the same two are tied once by each role. */
  readonly ties: readonly Tie[]
  readonly isComplete: boolean
}

/** Several lineages as one; what a service did not tell of is left out with its ties. */
export function joined(lineages: readonly LineagePartsFragment[]): Lineage {
  const things = new Map<string, Thing>()
  for (const { nodes } of lineages) for (const node of nodes) if (node) things.set(node.id, node)
  const ties = new Map<string, Tie>()
  for (const { edges } of lineages)
    for (const tie of edges)
      if (things.has(tie.fromId) && things.has(tie.toId))
        ties.set([tie.fromId, tie.role, tie.toId].join(' '), tie)
  return {
    things: [...things.values()],
    ties: [...ties.values()],
    isComplete: lineages.every(({ isComplete }) => isComplete),
  }
}

/** The page of a thing; a mining task's is that of its job. */
export function pageOf(thing: Thing): string {
  switch (thing.__typename) {
    case 'DatasetVersion':
      return `/versions/${thing.id}`
    case 'Model':
      return `/models/${thing.id}`
    case 'Job':
      return `/jobs/${thing.id}`
    case 'MiningTask':
      return `/jobs/${thing.jobId}`
    case 'LabellingTask':
      return `/labelling/${thing.id}`
  }
}
