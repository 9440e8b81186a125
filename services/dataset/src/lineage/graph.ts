/** A version in its lineage. */
export interface GraphNode {
  readonly parents: readonly string[]
  /** Unix milliseconds. */
  readonly time: number
}

/** Versions by id; parents that are not in it count as not there. */
export type VersionGraph = ReadonlyMap<string, GraphNode>

/** A version and everything that it was made from. */
export function ancestorsOf(graph: VersionGraph, id: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [id]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const node = graph.get(one)
    if (!node || found.has(one)) continue
    found.add(one)
    waiting.push(...node.parents)
  }
  return found
}

/** Whether one version is behind the other, or is it. */
export function isAncestor(graph: VersionGraph, ancestor: string, descendant: string): boolean {
  return ancestorsOf(graph, descendant).has(ancestor)
}

/**
 * The nearest common ancestors: those that are behind no other common ancestor (git merge-base --all). Several where histories
 * crossed; none where there is nothing in common.
 */
export function mergeBases(graph: VersionGraph, one: string, other: string): string[] {
  const behindOther = ancestorsOf(graph, other)
  const common = [...ancestorsOf(graph, one)].filter((id) => behindOther.has(id))
  // what is behind a common ancestor is one itself, and a parent of one
  const farther = new Set(common.flatMap((id) => graph.get(id)!.parents))
  return common.filter((id) => !farther.has(id)).sort()
}

/** Every version before what it was made from, and otherwise the newest first (git log --date-order). */
export function logOrder(graph: VersionGraph, heads: readonly string[]): string[] {
  const reachable = new Set(heads.flatMap((head) => [...ancestorsOf(graph, head)]))
  const childrenLeft = new Map<string, number>()
  for (const id of reachable)
    for (const parent of graph.get(id)!.parents) childrenLeft.set(parent, (childrenLeft.get(parent) ?? 0) + 1)
  const isReady = (id: string) => reachable.has(id) && !childrenLeft.get(id)
  const ready = [...reachable].filter(isReady)
  const order: string[] = []
  while (ready.length > 0) {
    ready.sort((one, other) => graph.get(one)!.time - graph.get(other)!.time)
    const newest = ready.pop()!
    order.push(newest)
    for (const parent of graph.get(newest)!.parents) {
      childrenLeft.set(parent, childrenLeft.get(parent)! - 1)
      if (isReady(parent)) ready.push(parent)
    }
  }
  return order
}
