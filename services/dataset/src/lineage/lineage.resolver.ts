import { Max, Min } from 'class-validator'
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Resolver, Root } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { loadVersion } from '../dataset/dataset.resolver.ts'
import { isReadable, requireReadable } from '../sharing/readable.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { readVersion } from '../version/version.store.ts'
import { readAncestors } from './ancestors.ts'
import type { Edge, NodeRef } from './edge.ts'
import { readEdges } from './edge.store.ts'
import { isAncestor, logOrder } from './graph.ts'
import { edgeOf, Lineage, LineageDirection, stubOf } from './lineage.type.ts'
import { bothWays, walk, type Walk } from './walk.ts'

const nodesAtMost = 1_000
const edgesAtOnce = 5_000

@ArgsType()
class LineageArguments {
  @Field(() => LineageDirection, { defaultValue: 'BOTH' })
  direction!: LineageDirection

  @Min(1)
  @Max(50)
  @Field(() => Int, { defaultValue: 10, description: 'Steps from the version, 50 at most.' })
  depth!: number
}

@ArgsType()
class HistoryArguments {
  @Min(1)
  @Max(500)
  @Field(() => Int, { defaultValue: 20, description: 'How many, 500 at most.' })
  first!: number
}

@Resolver(() => DatasetVersion)
export class LineageResolver {
  @FieldResolver(() => Lineage, {
    description: 'Versions, models, jobs and tasks that it came from and that came of it.',
  })
  async lineage(
    @Root() version: DatasetVersion,
    @Args(() => LineageArguments) { direction, depth }: LineageArguments,
    @Ctx() context: DatasetContext,
  ): Promise<Lineage> {
    await requireReadable(context, version)
    const go = (way: 'UP' | 'DOWN') => walkFrom(context, version, way, depth)
    const found = direction === 'BOTH' ? bothWays(await go('UP'), await go('DOWN')) : await go(direction)
    const nodes: Lineage['nodes'] = []
    for (const { kind, id } of found.nodes) {
      const node = kind === 'VERSION' ? await loadVersion(context, id) : stubOf[kind](id)
      if (node) nodes.push(node)
    }
    return { nodes, edges: found.edges.map(edgeOf), isComplete: found.isComplete }
  }

  @FieldResolver(() => [DatasetVersion], {
    description:
      'The version and those that it was made from: each before its parents, and otherwise the newest first. What you cannot see is left out.',
  })
  async history(
    @Root() version: DatasetVersion,
    @Args(() => HistoryArguments) { first }: HistoryArguments,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetVersion[]> {
    await requireReadable(context, version)
    const graph = await readAncestors(context.database.manager, [version.id])
    const visible: DatasetVersion[] = []
    for (const id of logOrder(graph, [version.id])) {
      if (visible.length === first) break
      const one = await loadVersion(context, id)
      if (one && (await isReadable(context, one))) visible.push(one)
    }
    return visible
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether it was made from another, over any number of steps.',
  })
  async isMadeFrom(
    @Root() version: DatasetVersion,
    @Arg('versionId', () => ID) versionId: string,
    @Ctx() context: DatasetContext,
  ): Promise<boolean> {
    const { manager } = context.database
    await requireReadable(context, await readVersion(manager, versionId))
    if (versionId === version.id) return false
    return isAncestor(await readAncestors(manager, [version.id]), versionId, version.id)
  }
}

function walkFrom(
  context: DatasetContext,
  { id }: DatasetVersion,
  direction: 'UP' | 'DOWN',
  depth: number,
): Promise<Walk> {
  const { manager } = context.database
  return walk(
    { kind: 'VERSION', id },
    {
      depth,
      nodesAtMost,
      edgesAt: (nodes) => readEdges(manager, nodes, direction, edgesAtOnce),
      isVisible: (node, edge) => isVisible(context, node, edge),
    },
  )
}

async function isVisible(context: DatasetContext, { kind, id }: NodeRef, edge: Edge): Promise<boolean> {
  if (kind !== 'VERSION')
    return edge.projectId !== null && (await context.access.mayInProject(edge.projectId, 'VIEWER'))
  const version = await loadVersion(context, id)
  return version !== null && (await isReadable(context, version))
}
