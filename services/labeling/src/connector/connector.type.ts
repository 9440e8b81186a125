import { GraphQLDateTime } from '@ymir/graphql'
import { Field, ID, ObjectType } from 'type-graphql'
import { Vendor } from '../vendor/vendor.type.ts'
import type { LabellingTool } from './connector.entity.ts'
import { LabellingTools } from './connector.input.ts'

@ObjectType({ description: 'The labelling tool in which a vendor works.' })
export class VendorConnector {
  @Field(() => LabellingTools)
  tool!: LabellingTool

  @Field(() => String)
  url!: string

  @Field(() => String, { nullable: true, description: 'Of CVAT.' })
  organization!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Where the tool reaches this platform; null: it is only asked.',
  })
  platformUrl!: string | null

  @Field(() => GraphQLDateTime)
  connectedAt!: Date
}

@ObjectType({ description: 'An answer in a labelling tool that cannot be taken.' })
export class RefusedAnswer {
  @Field(() => ID)
  taskId!: string

  @Field(() => ID)
  itemId!: string

  @Field(() => String, { description: 'Why, and what to do.' })
  problem!: string
}

@ObjectType()
export class ConnectVendorPayload {
  @Field(() => Vendor)
  vendor!: Vendor
}

@ObjectType()
export class HearToolPayload {
  @Field(() => Boolean, { description: 'Whether it is the tool.' })
  isHeard!: boolean
}
