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
import { FormatName } from '../format/format.ts'
import { writers } from '../format/writers.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'
import { ExportContainer } from './export.ts'
import { exportFileName } from './export-file.ts'

registerEnumType(FormatName, {
  name: 'ExportFormat',
  description: 'How images and annotations are laid out in files.',
  valuesConfig: {
    VOC: { description: 'Pascal VOC: images/ and annotations/, an XML file for each image.' },
    COCO: { description: 'COCO JSON: images/ and annotations/instances.json.' },
    YOLO: { description: 'Ultralytics YOLO: data.yaml, images/train/ and labels/train/.' },
    YMIR: { description: 'The published YMIR: images/ and gt/, an XML file for each image.' },
    LABEL_STUDIO: { description: "Label Studio's tasks: images/ and tasks.json." },
    IMAGES: { description: 'Images alone.' },
  },
})

registerEnumType(ExportContainer, {
  name: 'ExportContainer',
  description: 'How the files are put into one.',
})

@InputType()
class ExportVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @Field(() => FormatName, { defaultValue: 'VOC' })
  format!: FormatName

  @Field(() => ExportContainer, { defaultValue: 'ZIP' })
  container!: ExportContainer
}

@ObjectType()
class ExportVersionPayload {
  @Field(() => String, { description: 'Path at the gateway; the archive is made while it is read.' })
  url!: string

  @Field(() => [String], {
    description: 'What the format cannot carry; empty when importing the export gives the same root.',
  })
  loses!: readonly string[]
}

@Resolver()
export class ExportResolver {
  @Mutation(() => ExportVersionPayload, {
    description: 'Where a version can be downloaded with images and annotations.',
  })
  async exportVersion(
    @Arg('input', () => ExportVersionInput) { versionId, format, container }: ExportVersionInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<ExportVersionPayload> {
    const version = await readVersion(database.manager, versionId)
    await requireReadable({ access, database }, version)
    const writer = writers[format]
    const file = exportFileName({ versionId: version.id, writer, container })
    return { url: `/files/exports/${file}`, loses: writer.loses }
  }
}
