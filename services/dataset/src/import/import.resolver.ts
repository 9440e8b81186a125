import { DomainError, notFound } from '@ymir/graphql'
import { IsOptional, IsUUID } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { Dataset } from '../dataset/dataset.entity.ts'
import { loadById, loadDataset, loadProject, loadVersion } from '../dataset/dataset.resolver.ts'
import { targetOf } from '../dataset/dataset.store.ts'
import { FormatName } from '../format/format.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { isUuid } from '../version/version.store.ts'
import { Import } from './import.entity.ts'
import { AnnotationPolicy, BadItems, type ImportPolicy, UnknownLabels } from './policy.ts'
import type { ImportProblem as FoundProblem } from './problem.ts'
import type { Report } from './report.ts'
import { ImportSourceInput, readableSource } from './source.input.ts'

registerEnumType(AnnotationPolicy, {
  name: 'AnnotationPolicy',
  description: 'IGNORE: images only, for a pool.',
})
registerEnumType(UnknownLabels, {
  name: 'UnknownLabels',
  description:
    'STOP: refuse and list them. IGNORE: leave their boxes out. ADD: make them labels of the workspace.',
})
registerEnumType(BadItems, {
  name: 'BadItems',
  description: 'STOP: refuse the whole import. SKIP: leave out what is wrong and report it.',
})

const ProblemOutcome = { SKIPPED: 'SKIPPED', REFUSED: 'REFUSED' } as const
registerEnumType(ProblemOutcome, { name: 'ImportProblemOutcome' })

@InputType()
class ImportDatasetInput extends ImportSourceInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Field(() => String, { nullable: true, description: 'Name of a new dataset.' })
  name?: string | null

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'Instead of name: the dataset that gets another version.' })
  datasetId?: string | null

  @Field(() => AnnotationPolicy, { defaultValue: 'TAKE' })
  annotations!: ImportPolicy['annotations']

  @Field(() => UnknownLabels, { defaultValue: 'STOP' })
  unknownLabels!: ImportPolicy['unknownLabels']

  @Field(() => BadItems, { defaultValue: 'STOP' })
  badItems!: ImportPolicy['badItems']
}

@InputType()
class CancelImportInput {
  @IsUUID()
  @Field(() => ID)
  id!: string
}

@ObjectType()
class ImportPayload {
  @Field(() => Import)
  import!: Import
}

@ObjectType({ description: 'One thing that is wrong with an archive.' })
class ImportProblem {
  @Field(() => String, { description: 'Name within the archive or folder; "archive" for the whole.' })
  file!: string

  @Field(() => Int, { nullable: true })
  line?: number

  @Field(() => String, { nullable: true, description: 'e.g. object/bndbox/xmax' })
  field?: string

  @Field(() => String, { nullable: true, description: 'What stands there.' })
  found?: string

  @Field(() => String, { description: 'Continues "field found ...", e.g. "is not greater than xmin 181".' })
  problem!: string

  @Field(() => String)
  remedy!: string

  @Field(() => ProblemOutcome)
  outcome!: keyof typeof ProblemOutcome
}

@ObjectType({ description: 'What an import found.' })
class ImportReport {
  @Field(() => Int)
  assetCount!: number

  @Field(() => Int)
  annotationCount!: number

  @Field(() => Int, { description: 'Images, annotation files and boxes that were left out.' })
  skippedItemCount!: number

  @Field(() => Int, { description: 'Files whose bytes had come before under another name.' })
  duplicateCount!: number

  @Field(() => [String], {
    description: 'Classes that are no labels of the workspace; import with unknownLabels: ADD to add them.',
  })
  unknownLabels!: string[]

  @Field(() => Int, { description: 'Boxes of models; they are in a prediction set of the version.' })
  predictionCount!: number

  @Field(() => FormatName, { nullable: true, description: 'As what the files were read.' })
  format!: FormatName | null

  @Field(() => Int)
  problemCount!: number

  problemsKept!: readonly FoundProblem[]
}

@Resolver(() => ImportReport)
export class ImportReportResolver {
  @FieldResolver(() => [ImportProblem], { description: 'The first of them; a thousand are kept.' })
  problems(
    @Root() { problemsKept }: ImportReport,
    @Arg('first', () => Int, { defaultValue: 100 }) first: number,
  ): ImportProblem[] {
    if (first < 0) throw new DomainError('BAD_USER_INPUT', 'first must not be negative', { field: 'first' })
    return problemsKept.slice(0, first)
  }
}

@Resolver(() => Import)
export class ImportResolver {
  @Query(() => Import, { nullable: true })
  async import(@Arg('id', () => ID) id: string, @Ctx() context: DatasetContext): Promise<Import | null> {
    const found = isUuid(id) ? await loadById(context, Import, id) : null
    if (found) await context.access.requireProject(found.projectId, 'VIEWER')
    return found
  }

  @Mutation(() => ImportPayload, {
    description:
      'Imports an upload, an address, a folder of the server or another version as a version. Returns at once; follow the import by its state and progress. See inspectImport.',
  })
  async importDataset(
    @Arg('input', () => ImportDatasetInput) input: ImportDatasetInput,
    @Ctx() context: DatasetContext,
  ): Promise<ImportPayload> {
    const { projectId, format, annotations, unknownLabels, badItems } = input
    const { userId } = context.access.requireSignedIn()
    await context.access.requireProject(projectId, 'EDITOR')
    if (!(await loadProject(context, projectId))) throw notFound('project', projectId)
    const target = targetOf(input)
    const source = await readableSource(input, context)
    const policy = { annotations, unknownLabels, badItems }
    const wanted = { projectId, target, source, policy, format: format ?? null, actorId: userId }
    return { import: await context.imports.request(wanted) }
  }

  @Mutation(() => ImportPayload, {
    description: 'Stops an import; nothing of it stays. One that has ended stays as it is.',
  })
  async cancelImport(
    @Arg('input', () => CancelImportInput) { id }: CancelImportInput,
    @Ctx() context: DatasetContext,
  ): Promise<ImportPayload> {
    const found = await loadById(context, Import, id)
    if (!found) throw notFound('import', id)
    await context.access.requireProject(found.projectId, 'EDITOR')
    return { import: await context.imports.cancel(id) }
  }

  @FieldResolver(() => Dataset)
  dataset(@Root() { datasetId }: Import, @Ctx() context: DatasetContext): Promise<Dataset | null> {
    return loadDataset(context, datasetId)
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'What came of it.' })
  version(
    @Root() { versionId }: Import,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetVersion | null> | null {
    return versionId ? loadVersion(context, versionId) : null
  }

  @FieldResolver(() => ImportReport, { nullable: true, description: 'When it has succeeded or was refused.' })
  report(@Root() { found }: Import): ImportReport | null {
    return found && reportOf(found)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Path of the report with all problems at the gateway; with .csv instead of .json for a table.',
  })
  reportUrl(@Root() { id, found }: Import): string | null {
    return found && `/files/imports/${id}/report.json`
  }
}

function reportOf({
  problems,
  unknownLabels,
  predictionCount,
  format,
  problemsBlob: _,
  ...counts
}: Report): ImportReport {
  return {
    ...counts,
    predictionCount: predictionCount ?? 0,
    format: format ?? null,
    unknownLabels: [...unknownLabels],
    problemsKept: problems,
  }
}
