import { randomUUID } from 'node:crypto'
import {
  Connection,
  ConnectionArguments,
  DomainError,
  keysetPage,
  notFound,
  type Page,
  type ProjectRole,
} from '@ymir/graphql'
import { ProjectCreatedSchema } from '@ymir/proto-events'
import { ArrayMaxSize, ArrayUnique, IsOptional, IsUUID, Length, MaxLength } from 'class-validator'
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { Dataset } from '../dataset/dataset.entity.ts'
import { DatasetConnection } from '../dataset/dataset.resolver.ts'
import { adoptLabels } from '../label/label.store.ts'
import { isUuid } from '../version/version.store.ts'
import { Project } from './project.entity.ts'
import { User } from './user.ts'

const ProjectRoles: Readonly<Record<ProjectRole, ProjectRole>> = {
  OWNER: 'OWNER',
  EDITOR: 'EDITOR',
  ANNOTATOR: 'ANNOTATOR',
  VIEWER: 'VIEWER',
}
registerEnumType(ProjectRoles, { name: 'ProjectRole', description: 'Each may what the following may.' })

const mostClasses = 1_000

@InputType()
class CreateProjectInput {
  @Length(1, 200)
  @Field(() => String)
  name!: string

  @ArrayMaxSize(mostClasses)
  @ArrayUnique()
  @Field(() => [String], {
    description:
      'What its models shall find, in order: names or aliases of labels. Unknown ones are made labels.',
  })
  classes!: string[]

  @IsOptional()
  @MaxLength(10_000)
  @Field(() => String, { nullable: true })
  description?: string | null
}

@InputType()
class UpdateProjectInput {
  @IsUUID()
  @Field(() => ID)
  id!: string

  @IsOptional()
  @Length(1, 200)
  @Field(() => String, { nullable: true })
  name?: string | null

  @IsOptional()
  @ArrayMaxSize(mostClasses)
  @ArrayUnique()
  @Field(() => [String], {
    nullable: true,
    description: 'All of them, in order: names or aliases of labels. Unknown ones are made labels.',
  })
  classes?: string[] | null

  @IsOptional()
  @MaxLength(10_000)
  @Field(() => String, { nullable: true })
  description?: string | null
}

@ObjectType()
class ProjectPayload {
  @Field(() => Project)
  project!: Project
}

const ProjectConnection = Connection('Project', () => Project)

const grantProject = /* GraphQL */ `
  mutation GrantProject($projectId: ID!, $userId: ID!) {
    grantProject(input: { projectId: $projectId, userId: $userId }) {
      membership {
        projectId
      }
    }
  }
`

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Project, { nullable: true })
  async project(@Arg('id', () => ID) id: string, @Ctx() context: DatasetContext): Promise<Project | null> {
    const project = isUuid(id) ? await context.database.manager.findOneBy(Project, { id }) : null
    if (project) await context.access.requireProject(project.id, 'VIEWER')
    return project
  }

  @Query(() => ProjectConnection, {
    description: 'Those that you are a member of, newest first; administrators see all.',
  })
  projects(
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, caller, database }: DatasetContext,
  ): Promise<Page<Project>> {
    const query = database.getRepository(Project).createQueryBuilder('project')
    if (caller.kind !== 'service') {
      const { role, memberships, userId } = access.requireSignedIn()
      // a project made a moment ago may be younger than the memberships that came with the request
      if (role !== 'ADMINISTRATOR')
        query.where('(project.id = any(:ids) or project.createdById = :userId)', {
          ids: Object.keys(memberships),
          userId,
        })
    }
    return keysetPage(query, page)
  }

  @Mutation(() => ProjectPayload, { description: 'Makes a project; whoever asks becomes its first owner.' })
  async createProject(
    @Arg('input', () => CreateProjectInput) input: CreateProjectInput,
    @Ctx() { access, graph, database, bus }: DatasetContext,
  ): Promise<ProjectPayload> {
    const { userId } = access.requireSignedIn()
    const id = randomUUID()
    // first the right, then the thing: a project that nobody may see would be lost
    await graph.query(grantProject, { projectId: id, userId })
    const project = await database.transaction(async (manager) => {
      const made = manager.create(Project, {
        id,
        name: input.name.trim(),
        description: input.description ?? '',
        classes: checkClasses(await adoptLabels(manager, input.classes)),
        createdAt: new Date(),
        createdById: userId,
      })
      await manager.insert(Project, made)
      const { name, classes } = made
      await bus.emit(manager, ProjectCreatedSchema, { projectId: id, name, classes, actorId: userId })
      return made
    })
    return { project }
  }

  @Mutation(() => ProjectPayload, { description: 'Changes what is given. For owners.' })
  async updateProject(
    @Arg('input', () => UpdateProjectInput) { id, ...changes }: UpdateProjectInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<ProjectPayload> {
    await access.requireProject(id, 'OWNER')
    return database.transaction(async (manager) => {
      const project = await manager.findOne(Project, { where: { id }, lock: { mode: 'pessimistic_write' } })
      if (!project) throw notFound('project', id)
      if (changes.name) project.name = changes.name.trim()
      if (changes.classes) project.classes = checkClasses(await adoptLabels(manager, changes.classes))
      if (typeof changes.description === 'string') project.description = changes.description
      return { project: await manager.save(project) }
    })
  }

  @FieldResolver(() => User)
  createdBy(@Root() { createdById }: Project): User {
    return { id: createdById }
  }

  @FieldResolver(() => ProjectRoles, { nullable: true, description: 'What you may do in it.' })
  async myRole(@Root() { id }: Project, @Ctx() { access }: DatasetContext): Promise<ProjectRole | null> {
    return (await access.roleIn(id)) ?? null
  }

  @FieldResolver(() => DatasetConnection, { description: 'Newest first.' })
  async datasets(
    @Root() { id }: Project,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<Page<Dataset>> {
    await access.requireProject(id, 'VIEWER')
    const query = database
      .getRepository(Dataset)
      .createQueryBuilder('dataset')
      .where('dataset.projectId = :id', { id })
      // the name of a refused import is free again, and its dataset was never filled
      .andWhere(
        `(exists (select from dataset_versions v where v.dataset_id = dataset.id) or
          exists (select from imports i where i.dataset_id = dataset.id and i.state in ('QUEUED', 'RUNNING')))`,
      )
    return keysetPage(query, page)
  }
}

/** Two names of one label would be one class twice. */
function checkClasses(classes: string[]): string[] {
  const twice = classes.find((name, index) => classes.indexOf(name) !== index)
  if (twice !== undefined)
    throw new DomainError('BAD_USER_INPUT', `classes name the label "${twice}" twice`, { field: 'classes' })
  return classes
}
