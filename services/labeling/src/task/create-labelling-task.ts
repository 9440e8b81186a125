import { randomUUID } from 'node:crypto'
import { DomainError, notFound } from '@ymir/graphql'
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsInt,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator'
import { Field, Float, ID, InputType, Int } from 'type-graphql'
import { AutomaticLabellerRow } from '../automatic-labeller/automatic-labeller.entity.ts'
import { actorOf, type LabelingContext } from '../context.ts'
import type { LabellingTaskRow } from './labelling-task.entity.ts'
import { requireVendorOf } from '../vendor/assignment.ts'
import { openTask, usualStuckAfterSeconds, type Checks } from './labelling-task.ts'
import { findPredictions, requireVersionInProject } from './version.ts'

@InputType()
export class CreateLabellingTaskInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Matches(/\S/, { message: 'name the task' })
  @MaxLength(200)
  @Field(() => String, {
    description: 'Also the name of the dataset that gets the result; one of that name is continued.',
  })
  name!: string

  @IsUUID()
  @Field(() => ID, { description: 'The dataset version to label.' })
  versionId!: string

  @IsOptional()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @Field(() => [String], {
    nullable: true,
    description: 'What to label: classes of the project. Left out: all of them.',
  })
  classes?: string[] | null

  @Field(() => Boolean, {
    defaultValue: true,
    description:
      'Keep the annotations of the version: those of the classes to label as a start for the labeller, the others as they are. False: begin from nothing.',
  })
  keepAnnotations!: boolean

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'Answers the task. Left out: people do.' })
  automaticLabellerId?: string | null

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The vendor that answers the task. Left out: people do.' })
  vendorId?: string | null

  @IsInt()
  @Min(1)
  @Max(90 * 86_400)
  @Field(() => Int, {
    defaultValue: usualStuckAfterSeconds,
    description: 'With a vendor: report the task as stuck when nothing comes for so many seconds.',
  })
  stuckAfterSeconds!: number

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description:
      'Predictions that labellers are shown, to accept or correct: a prediction set of the version or of one that it was made from.',
  })
  predictionSetId?: string | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Each labelled image must be accepted with reviewItem before the task is stored.',
  })
  review!: boolean

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description:
      'A version of the project whose annotations are right: images of it are mixed in, to tell how good the answers are. They are not in the result.',
  })
  goldVersionId?: string | null

  @IsInt()
  @Min(1)
  @Max(1_000)
  @Field(() => Int, {
    defaultValue: 20,
    description: 'With a gold version: how many of its images, at most.',
  })
  goldCount!: number

  @Min(0)
  @Max(1)
  @Field(() => Float, {
    defaultValue: 0,
    description:
      'Share of the images that are answered twice, 0 to 1: by two people, or twice by the vendor. The first answer is for the result, unless chooseAnswer says otherwise.',
  })
  overlap!: number
}

/** @throws DomainError NOT_FOUND, BAD_USER_INPUT when what the task is about is not of the project */
export async function createLabellingTask(
  { projectId, versionId, ...input }: CreateLabellingTaskInput,
  context: LabelingContext,
): Promise<LabellingTaskRow> {
  const { bus, chores, database, graph } = context
  await requireVersionInProject(graph, projectId, versionId)
  const classes = await classesToLabel(context, projectId, input.classes)
  const automaticLabellerId = input.automaticLabellerId ?? null
  if (
    automaticLabellerId &&
    !(await database.manager.existsBy(AutomaticLabellerRow, { id: automaticLabellerId, projectId }))
  )
    throw notFound('automatic labeller in this project', automaticLabellerId)
  const vendorId = input.vendorId ?? null
  if (vendorId && automaticLabellerId)
    throw new DomainError('BAD_USER_INPUT', 'name a vendor or an automatic labeller, not both', {
      field: 'vendorId',
    })
  if (vendorId) await requireVendorOf(database.manager, projectId, vendorId)
  const checks = await checksOf(context, { projectId, versionId, ...input })
  const { predictionSetId } = input
  const predictions = predictionSetId
    ? await findPredictions(graph, { projectId, versionId }, predictionSetId)
    : null
  const task = await database.transaction((manager) =>
    openTask(manager, bus, {
      id: randomUUID(),
      projectId,
      versionId,
      name: tidy(input.name),
      classes,
      keepAnnotations: input.keepAnnotations,
      review: input.review,
      automaticLabellerId,
      vendorId,
      stuckAfterSeconds: input.stuckAfterSeconds,
      predictions,
      actorId: actorOf(context),
      checks,
    }),
  )
  chores.wake(task)
  return task
}

async function checksOf(
  { graph }: LabelingContext,
  { projectId, versionId, automaticLabellerId, overlap, ...input }: CreateLabellingTaskInput,
): Promise<Checks> {
  const goldVersionId = input.goldVersionId ?? null
  if (automaticLabellerId && (goldVersionId || overlap > 0))
    throw new DomainError(
      'BAD_USER_INPUT',
      'gold images and overlap tell how good people and vendors are: leave them out, or the automatic labeller',
      { field: goldVersionId ? 'goldVersionId' : 'overlap' },
    )
  if (goldVersionId === versionId)
    throw new DomainError(
      'BAD_USER_INPUT',
      'the version to label holds no known answers: choose another one for gold images',
      { field: 'goldVersionId' },
    )
  if (goldVersionId) await requireVersionInProject(graph, projectId, goldVersionId)
  return { goldVersionId, goldCount: goldVersionId ? input.goldCount : 0, overlap }
}

const classesQuery = /* GraphQL */ `
  query ClassesToLabel($projectId: ID!) {
    project(id: $projectId) {
      classes
    }
  }
`

async function classesToLabel(
  { graph }: LabelingContext,
  projectId: string,
  wanted: readonly string[] | null | undefined,
): Promise<readonly string[]> {
  const { project } = await graph.query<{ project: { classes: string[] } | null }>(classesQuery, {
    projectId,
  })
  if (!project) throw notFound('project', projectId)
  const unknown = wanted?.find((name) => !project.classes.includes(name))
  if (unknown !== undefined)
    throw new DomainError(
      'BAD_USER_INPUT',
      `"${unknown}" is no class of the project: use ${project.classes.join(', ')}, or add it with updateProject`,
      { field: 'classes' },
    )
  if (wanted) return wanted
  if (project.classes.length) return project.classes
  throw new DomainError(
    'BAD_USER_INPUT',
    'the project has no classes to label: add them with updateProject',
    {
      field: 'classes',
    },
  )
}

/** As the dataset service writes names of datasets. */
function tidy(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/g, ' ')
}
