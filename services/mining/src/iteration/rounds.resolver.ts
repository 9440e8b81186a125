import { Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql'
import type { MiningContext } from '../context.ts'
import { DatasetVersion, Evaluation, Model, Project } from '../stubs.ts'
import { IterationRow } from './iteration.entity.ts'
import { findIteration, stepsOf } from './iteration.loader.ts'
import { Iteration } from './iteration.types.ts'
import { inLine } from './line.ts'
import { roundsOf, type RoundLine } from './rounds.ts'
import { Round, RoundGain } from './rounds.types.ts'

const versionOf = (id: string | null | undefined): DatasetVersion | null => (id ? { id } : null)

@Resolver(() => Round)
export class RoundResolver {
  @FieldResolver(() => Model)
  model(@Root() { modelId }: RoundLine): Model {
    return { id: modelId }
  }

  @FieldResolver(() => DatasetVersion)
  trainingVersion(@Root() { trainingVersionId }: RoundLine): DatasetVersion {
    return { id: trainingVersionId }
  }

  @FieldResolver(() => DatasetVersion)
  testVersion(@Root() { testVersionId }: RoundLine): DatasetVersion {
    return { id: testVersionId }
  }

  @FieldResolver(() => DatasetVersion, { nullable: true })
  minedVersion(@Root() { minedVersionId }: RoundLine): DatasetVersion | null {
    return versionOf(minedVersionId)
  }

  @FieldResolver(() => DatasetVersion, { nullable: true })
  labelledVersion(@Root() { labelledVersionId }: RoundLine): DatasetVersion | null {
    return versionOf(labelledVersionId)
  }

  @FieldResolver(() => Evaluation, {
    nullable: true,
    description: "Of the round's model on its test set; null at the start, and until it is known.",
  })
  evaluation(@Root() { record }: RoundLine): Evaluation | null {
    return record?.measured ? { id: record.measured.evaluationId } : null
  }

  @FieldResolver(() => RoundGain, {
    nullable: true,
    description: 'Null when there is nothing to compare with.',
  })
  gain(@Root() { record }: RoundLine): RoundGain | null {
    return record?.gain ?? null
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Boxes in the labelled images.' })
  boxCount(@Root() { record }: RoundLine): number | null {
    return record?.boxCount ?? null
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Of people, and of vendors that say how long their answers took: for each the median time of an image times their images; null when nobody was timed.',
  })
  labellingMinutes(@Root() { record }: RoundLine): number | null {
    return record?.labellingMinutes ?? null
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Of its mining, training and evaluation.' })
  jobMinutes(@Root() { record }: RoundLine): number | null {
    return record?.jobMinutes ?? null
  }

  @FieldResolver(() => Float, { nullable: true, description: 'The same times the GPUs that each job had.' })
  gpuMinutes(@Root() { record }: RoundLine): number | null {
    return record?.gpuMinutes ?? null
  }

  @FieldResolver(() => [String], {
    description: 'Names of the vendor or the automatic labeller, and of people.',
  })
  labelledBy(@Root() { record }: RoundLine): readonly string[] {
    return record?.labelledBy ?? []
  }

  @FieldResolver(() => Iteration, { nullable: true })
  iteration(
    @Root() { iterationId }: RoundLine,
    @Ctx() context: MiningContext,
  ): Promise<IterationRow | null> | null {
    return iterationId ? findIteration(iterationId, context) : null
  }
}

@Resolver(() => Project)
export class ProjectIterationsResolver {
  @FieldResolver(() => [Iteration], { description: 'By round; those of branches are with their plans.' })
  async iterations(
    @Root() { id }: Project,
    @Ctx() { access, database }: MiningContext,
  ): Promise<IterationRow[]> {
    await access.requireProject(id, 'VIEWER')
    const where = inLine({ projectId: id, branchId: null })
    return database.getRepository(IterationRow).find({ where, order: { round: 'ASC' } })
  }

  @FieldResolver(() => [Round], { description: 'The table of rounds: what the loop brought.' })
  async rounds(@Root() project: Project, @Ctx() context: MiningContext): Promise<RoundLine[]> {
    return tableOf(await this.iterations(project, context), context)
  }

  @FieldResolver(() => String, {
    description:
      'Path of the table of rounds at the gateway, as CSV; add ?plan= with the id of a plan for its rounds.',
  })
  roundsUrl(@Root() { id }: Project): string {
    return `/files/rounds/${id}/rounds.csv`
  }
}

/** The table of some rounds of one line. */
export async function tableOf(
  iterations: readonly IterationRow[],
  context: MiningContext,
): Promise<RoundLine[]> {
  const withSteps = iterations.map(async (one) => [one, await stepsOf(one.id, context)] as const)
  return roundsOf(await Promise.all(withSteps))
}
