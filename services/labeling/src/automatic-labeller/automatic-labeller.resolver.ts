import { randomUUID } from 'node:crypto'
import { DomainError } from '@ymir/graphql'
import { IsUUID, Matches, MaxLength } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import { QueryFailedError } from 'typeorm'
import { actorOf, type LabelingContext } from '../context.ts'
import { DatasetVersion, Project } from '../stubs.ts'
import { requireVersionInProject } from '../task/version.ts'
import { AutomaticLabellerRow } from './automatic-labeller.entity.ts'
import { AutomaticLabeller } from './automatic-labeller.type.ts'

@InputType()
class CreateAutomaticLabellerInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Matches(/\S/, { message: 'name the labeller' })
  @MaxLength(100)
  @Field(() => String, { description: 'Unique in the project.' })
  name!: string

  @IsUUID()
  @Field(() => ID, { description: 'The version of the project with the ground truth.' })
  versionId!: string
}

@ObjectType()
class AutomaticLabellerPayload {
  @Field(() => AutomaticLabeller)
  automaticLabeller!: AutomaticLabeller
}

@Resolver(() => AutomaticLabeller)
export class AutomaticLabellerResolver {
  @Mutation(() => AutomaticLabellerPayload, {
    description: 'Makes a labeller that answers from the ground truth of a dataset version. For editors.',
  })
  async createAutomaticLabeller(
    @Arg('input', () => CreateAutomaticLabellerInput) input: CreateAutomaticLabellerInput,
    @Ctx() context: LabelingContext,
  ): Promise<AutomaticLabellerPayload> {
    const { projectId, versionId } = input
    const { access, database, graph } = context
    await access.requireProject(projectId, 'EDITOR')
    await requireVersionInProject(graph, projectId, versionId)
    const row = database.manager.create(AutomaticLabellerRow, {
      id: randomUUID(),
      projectId,
      versionId,
      name: input.name.trim(),
      createdBy: actorOf(context),
    })
    return { automaticLabeller: await database.manager.save(row).catch(sayNameIsTaken) }
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: AutomaticLabellerRow): Project {
    return { id: projectId }
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description:
      'Where the answers come from. Hidden (null) but for editors, so that nobody labels with it by accident.',
  })
  async version(
    @Root() { projectId, versionId }: AutomaticLabellerRow,
    @Ctx() { access }: LabelingContext,
  ): Promise<DatasetVersion | null> {
    return (await access.mayInProject(projectId, 'EDITOR')) ? { id: versionId } : null
  }
}

@Resolver(() => Project)
export class ProjectAutomaticLabellersResolver {
  @FieldResolver(() => [AutomaticLabeller], { description: 'By name.' })
  async automaticLabellers(
    @Root() { id }: Project,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<AutomaticLabeller[]> {
    await access.requireProject(id, 'VIEWER')
    return database.manager.find(AutomaticLabellerRow, { where: { projectId: id }, order: { name: 'ASC' } })
  }
}

const uniqueViolation = '23505'

function sayNameIsTaken(error: unknown): never {
  const isTaken = error instanceof QueryFailedError && error.driverError.code === uniqueViolation
  if (!isTaken) throw error
  throw new DomainError('CONFLICT', 'the project has an automatic labeller of that name: choose another', {
    field: 'name',
  })
}
