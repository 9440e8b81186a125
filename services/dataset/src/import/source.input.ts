import { IsOptional, IsUUID, MaxLength } from 'class-validator'
import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { FormatName } from '../format/format.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'
import { type ImportSource, sourceOf } from './source.ts'

registerEnumType(FormatName, { name: 'DatasetFormat', description: 'How files describe images.' })

@InputType({ description: 'Exactly one of uploadId, url, path and versionId.' })
export class ImportSourceInput {
  @IsOptional()
  @MaxLength(200)
  @Field(() => ID, {
    nullable: true,
    description: 'Id of a finished upload (tus, /files/uploads) of a zip, tar or tar.gz.',
  })
  uploadId?: string | null

  @IsOptional()
  @MaxLength(2_000)
  @Field(() => String, { nullable: true, description: 'Address (http or https) of a zip, tar or tar.gz.' })
  url?: string | null

  @IsOptional()
  @MaxLength(4_000)
  @Field(() => String, {
    nullable: true,
    description:
      'A folder, zip, tar or tar.gz on the server, in a folder from which the platform may import.',
  })
  path?: string | null

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'A version of any project that you may see, or of a public dataset; its copy costs nothing.',
  })
  versionId?: string | null

  @Field(() => FormatName, {
    nullable: true,
    description: 'Instead of what is recognised, see inspectImport.',
  })
  format?: FormatName | null
}

/** @throws DomainError when the source is not there, or not for the caller */
export async function readableSource(
  input: ImportSourceInput,
  context: DatasetContext,
): Promise<ImportSource> {
  const { userId } = context.access.requireSignedIn()
  const source = sourceOf(input)
  if (source.kind === 'VERSION') {
    const version = await readVersion(context.database.manager, source.versionId)
    await requireReadable(context, version)
  }
  return context.imports.findSource(source, userId)
}
