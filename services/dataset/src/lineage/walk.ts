import { type Edge, edgeKey, nodeKey, type NodeRef } from './edge.ts'

export interface Walk {
  readonly nodes: readonly NodeRef[]
  readonly edges: readonly Edge[]
  /** Whether nothing lies beyond what was found. */
  readonly isComplete: boolean
}

export interface WalkOptions {
  /** Steps from the start. */
  readonly depth: number
  readonly nodesAtMost: number
  /** Edges at the nodes, in the direction of the walk. */
  readonly edgesAt: (nodes: readonly NodeRef[]) => Promise<readonly Edge[]>
  readonly isVisible: (node: NodeRef, edge: Edge) => Promise<boolean>
}

/** Walks from a node along edges, level by level; what is not visible is left out, and nothing is looked for behind it. */
export async function walk(
  start: NodeRef,
  { depth, nodesAtMost, edgesAt, isVisible }: WalkOptions,
): Promise<Walk> {
  const nodes = new Map([[nodeKey(start), start]])
  const edges = new Map<string, Edge>()
  const hidden = new Set<string>()
  let level: NodeRef[] = [start]
  for (let step = 0; step < depth && level.length > 0; step++) {
    const next: NodeRef[] = []
    for (const edge of await edgesAt(level)) {
      const isKnown = (node: NodeRef) => nodes.has(nodeKey(node))
      const other = [edge.from, edge.to].find((node) => !isKnown(node))
      if (other && hidden.has(nodeKey(other))) continue
      if (other && !(await isVisible(other, edge))) {
        hidden.add(nodeKey(other))
        continue
      }
      if (other && nodes.size === nodesAtMost)
        return { nodes: [...nodes.values()], edges: [...edges.values()], isComplete: false }
      edges.set(edgeKey(edge), edge)
      if (!other) continue
      nodes.set(nodeKey(other), other)
      next.push(other)
    }
    level = next
  }
  const isComplete = await endsHere(level, edgesAt)
  return { nodes: [...nodes.values()], edges: [...edges.values()], isComplete }
}

async function endsHere(level: readonly NodeRef[], edgesAt: WalkOptions['edgesAt']): Promise<boolean> {
  return level.length === 0 || (await edgesAt(level)).length === 0
}

/** Two walks from one node, one up and one down. */
export function bothWays(up: Walk, down: Walk): Walk {
  const byKey = <T>(all: readonly T[], keyOf: (one: T) => string) => [
    ...new Map(all.map((one) => [keyOf(one), one])).values(),
  ]
  return {
    nodes: byKey([...up.nodes, ...down.nodes], nodeKey),
    edges: byKey([...up.edges, ...down.edges], edgeKey),
    isComplete: up.isComplete && down.isComplete,
  }
}
