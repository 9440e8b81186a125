import { IsOptional, IsUUID, Length, Matches, MaxLength } from 'class-validator'
import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import type { LabellingTool } from './connector.entity.ts'

export const LabellingTools = {
  LABEL_STUDIO: 'LABEL_STUDIO',
  CVAT: 'CVAT',
} as const satisfies Record<LabellingTool, LabellingTool>

registerEnumType(LabellingTools, { name: 'LabellingTool', description: 'Where a vendor labels.' })

@InputType()
export class ConnectVendorInput {
  @IsUUID()
  @Field(() => ID)
  vendorId!: string

  @Field(() => LabellingTools)
  tool!: LabellingTool

  @MaxLength(2_000)
  @Field(() => String, { description: 'Where the tool is, as its users open it.' })
  url!: string

  @Length(1, 2_000)
  @Matches(/^[\x21-\x7e]+$/, { message: 'the token has signs that no token has' })
  @Field(() => String, {
    description:
      'Of a user of the tool who may make projects. Label Studio: a personal or legacy token; CVAT: a personal access token. It is kept encrypted, and never told.',
  })
  token!: string

  @IsOptional()
  @Matches(/^[\w-]{1,16}$/, { message: 'give the short name of the organization' })
  @Field(() => String, {
    nullable: true,
    description: 'CVAT: short name of the organization in which to work; null: where the token belongs.',
  })
  organization?: string | null

  @IsOptional()
  @MaxLength(2_000)
  @Field(() => String, {
    nullable: true,
    description:
      'Where the tool reaches this platform, to say that something is new; null: it does not, and is asked every minute.',
  })
  platformUrl?: string | null
}

@InputType()
export class HearToolInput {
  @MaxLength(100)
  @Field(() => ID)
  vendorId!: string

  @Field(() => LabellingTools)
  tool!: LabellingTool

  @MaxLength(200)
  @Field(() => String, { description: 'What the call proves itself with.' })
  proof!: string

  @MaxLength(500_000)
  @Field(() => String, { description: 'Of the call, base64.' })
  body!: string
}
