import { IsUUID } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
} from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'

const ExportFormat = { VOC: 'VOC' } as const
registerEnumType(ExportFormat, {
  name: 'ExportFormat',
  description: 'VOC: Pascal VOC, images/ and annotations/ in a zip.',
})

@InputType()
class ExportVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @Field(() => ExportFormat, { defaultValue: 'VOC' })
  format!: keyof typeof ExportFormat
}

@ObjectType()
class ExportVersionPayload {
  @Field(() => String, { description: 'Path at the gateway; the archive is made while it is read.' })
  url!: string
}

@Resolver()
export class ExportResolver {
  @Mutation(() => ExportVersionPayload, {
    description: 'Where a version can be downloaded with images and annotations.',
  })
  async exportVersion(
    @Arg('input', () => ExportVersionInput) { versionId }: ExportVersionInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<ExportVersionPayload> {
    const version = await readVersion(database.manager, versionId)
    await requireReadable({ access, database }, version)
    return { url: `/files/exports/${version.id}.voc.zip` }
  }
}
