import { DomainError } from '@ymir/graphql'
import { IsUUID } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { FormatName } from '../format/format.ts'
import { inspectSource } from './inspect-source.ts'
import type { Inspection } from './inspect.ts'
import { BadArchive } from './problem.ts'
import { ImportSourceInput, readableSource } from './source.input.ts'

@InputType()
class InspectImportInput extends ImportSourceInput {
  @IsUUID()
  @Field(() => ID, { description: 'The project into which it would be imported.' })
  projectId!: string
}

@ObjectType({ description: 'One thing that is wrong with the files.' })
class InspectionProblem {
  @Field(() => String)
  file!: string

  @Field(() => Int, { nullable: true })
  line?: number

  @Field(() => String, { nullable: true })
  field?: string

  @Field(() => String, { nullable: true })
  found?: string

  @Field(() => String)
  problem!: string

  @Field(() => String)
  remedy!: string
}

@ObjectType({ description: 'What files hold, before they are imported.' })
class ImportInspection {
  @Field(() => FormatName)
  format!: FormatName

  @Field(() => String, { description: 'Why they are taken for that format.' })
  why!: string

  @Field(() => Int)
  imageCount!: number

  @Field(() => Float, { description: 'Of all images, unpacked.' })
  imageBytes!: number

  @Field(() => Int)
  annotationFileCount!: number

  @Field(() => Int, {
    description:
      'The images that were looked into, the first ones; annotations, labels and problems are of these.',
  })
  inspectedCount!: number

  @Field(() => Int)
  annotationCount!: number

  @Field(() => [String], { description: 'Labels, as the files write them, that the workspace knows.' })
  knownLabels!: readonly string[]

  @Field(() => [String], {
    description: 'Those that it does not: decide with unknownLabels what becomes of them.',
  })
  unknownLabels!: readonly string[]

  @Field(() => [InspectionProblem], { description: 'The first ones.' })
  problems!: readonly InspectionProblem[]

  @Field(() => [String], { description: 'Some names of files.' })
  sampleNames!: readonly string[]
}

@ObjectType()
class InspectImportPayload {
  @Field(() => ImportInspection)
  inspection!: Inspection
}

@Resolver()
export class InspectionResolver {
  @Query(() => [String], {
    description:
      'Folders of the server from which may be imported by `path`; empty: from none. For anyone signed in.',
  })
  importRoots(@Ctx() { access, imports }: DatasetContext): readonly string[] {
    access.requireSignedIn()
    return imports.settings.roots
  }

  @Mutation(() => InspectImportPayload, {
    description: 'Looks into files without importing them. Fetches them first when they are at a URL.',
  })
  async inspectImport(
    @Arg('input', () => InspectImportInput) input: InspectImportInput,
    @Ctx() context: DatasetContext,
  ): Promise<InspectImportPayload> {
    await context.access.requireProject(input.projectId, 'EDITOR')
    const source = await readableSource(input, context)
    try {
      return { inspection: await inspectSource(source, input.format ?? undefined, context) }
    } catch (error) {
      if (!(error instanceof BadArchive)) throw error
      throw new DomainError(error.code, error.message, { ...error.problem })
    }
  }
}
