import { isUUID } from 'class-validator'
import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import type { ModelContext } from '../context.ts'
import { ModelRow, ModelStageRow } from './model.entity.ts'
import { stageFileUrl } from '../package/stage-file.route.ts'
import { Model, ModelFile, ModelStage } from './model.types.ts'

const modelOf = (id: string, { database, loader }: ModelContext) =>
  loader<string, ModelRow | null>('model', async (ids) => {
    const rows = await database.getRepository(ModelRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)

/** The model, if the caller may see its project. */
export async function findModel(id: string, context: ModelContext): Promise<ModelRow | null> {
  const model = isUUID(id) ? await modelOf(id, context) : null
  return model && (await context.access.mayInProject(model.projectId, 'VIEWER')) ? model : null
}

/** The stage, if the caller may see its project. */
export async function findStage(id: string, context: ModelContext): Promise<ModelStageRow | null> {
  if (!isUUID(id)) return null
  const { database, loader } = context
  const stage = await loader<string, ModelStageRow | null>('stage', async (ids) => {
    const rows = await database.getRepository(ModelStageRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return stage && (await findModel(stage.modelId, context)) ? stage : null
}

/** Times are whole seconds: of those saved within one, step_80 comes before step_100. */
const byNumber = new Intl.Collator('en', { numeric: true })

/** Stages of a model, oldest first. */
export function stagesOf(modelId: string, { database, loader }: ModelContext): Promise<ModelStageRow[]> {
  return loader<string, ModelStageRow[]>('stages', async (ids) => {
    const rows = await database.getRepository(ModelStageRow).findBy({ modelId: In([...ids]) })
    rows.sort((one, other) => +one.savedAt - +other.savedAt || byNumber.compare(one.name, other.name))
    return ids.map((one) => rows.filter((row) => row.modelId === one))
  }).load(modelId)
}

@Resolver(() => ModelStage)
export class ModelStageResolver {
  @Query(() => ModelStage, { nullable: true })
  modelStage(@Arg('id', () => ID) id: string, @Ctx() context: ModelContext): Promise<ModelStage | null> {
    return findStage(id, context)
  }

  @FieldResolver(() => Model, { nullable: false })
  model(@Root() { modelId }: ModelStageRow, @Ctx() context: ModelContext): Promise<Model | null> {
    return findModel(modelId, context)
  }

  @FieldResolver(() => [ModelFile])
  files(@Root() stage: ModelStageRow): ModelFile[] {
    return stage.files.map((file) => ({ ...file, url: stageFileUrl(stage, file.name) }))
  }
}
