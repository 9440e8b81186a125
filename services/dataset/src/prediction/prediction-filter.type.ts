import { DomainError, notFound } from '@ymir/graphql'
import { ArrayMaxSize, IsInt, IsOptional, IsUUID, Max, MaxLength, Min } from 'class-validator'
import { Field, Float, ID, InputType, Int } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { loadById } from '../dataset/dataset.resolver.ts'
import { type LabelBook, tidyName } from '../label/label.ts'
import { readVersion } from '../version/version.store.ts'
import type { PredictionFilter } from './prediction-filter.ts'
import { PredictionSet } from './prediction-set.entity.ts'
import { completeScores } from './score.store.ts'

@InputType('PredictionFilter', {
  description:
    'What a prediction set must say of an image; one that the set does not name has no predictions.',
})
export class PredictionFilterInput {
  @IsUUID()
  @Field(() => ID, { description: 'A prediction set of any version with these images.' })
  setId!: string

  @IsOptional()
  @ArrayMaxSize(100)
  @MaxLength(1_000, { each: true })
  @Field(() => [String], {
    nullable: true,
    description:
      'Predictions of any of these labels, by default of all; also labels that only the model knows.',
  })
  labels?: string[] | null

  @IsOptional()
  @Min(0)
  @Max(1)
  @Field(() => Float, { nullable: true, description: '0 to 1, included.' })
  minScore?: number | null

  @IsOptional()
  @Min(0)
  @Max(1)
  @Field(() => Float, { nullable: true, description: '0 to 1, included.' })
  maxScore?: number | null

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  @Field(() => Int, { nullable: true, description: 'How many such predictions; by default 1.' })
  atLeast?: number | null
}

/** @throws DomainError BAD_USER_INPUT, NOT_FOUND, FORBIDDEN */
export async function resolvePredictionFilter(
  context: DatasetContext,
  { setId, labels, minScore, maxScore, atLeast }: PredictionFilterInput,
  book: LabelBook,
): Promise<PredictionFilter> {
  if (typeof minScore === 'number' && typeof maxScore === 'number' && minScore > maxScore)
    throw new DomainError(
      'BAD_USER_INPUT',
      `scores from ${minScore} to ${maxScore}: minScore is above maxScore`,
      {
        field: 'minScore',
        found: minScore,
      },
    )
  const set = await loadById(context, PredictionSet, setId)
  if (!set) throw notFound('prediction set', setId)
  const { manager } = context.database
  const { projectId } = await readVersion(manager, set.versionId)
  await context.access.requireProject(projectId, 'VIEWER')
  await completeScores(manager, context.blobs, set)
  // a model may know labels that the workspace does not: they stand in the set as it has them
  return {
    setId,
    ...(labels?.length ? { labels: labels.map((name) => book.resolve(name) ?? tidyName(name)) } : {}),
    ...(typeof minScore === 'number' ? { minScore } : {}),
    ...(typeof maxScore === 'number' ? { maxScore } : {}),
    ...(typeof atLeast === 'number' ? { atLeast } : {}),
  }
}
