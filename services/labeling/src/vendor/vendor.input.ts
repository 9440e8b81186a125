import { IsInt, IsOptional, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator'
import { Field, ID, InputType, Int } from 'type-graphql'
import { usualOverlapSeconds } from './vendor.ts'

const longestOverlapSeconds = 30 * 86_400

@InputType()
export class CreateVendorInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @Matches(/\S/, { message: 'name the vendor' })
  @MaxLength(100)
  @Field(() => String, { description: 'Unique in the project.' })
  name!: string

  @IsOptional()
  @MaxLength(2_000)
  @Field(() => String, { nullable: true, description: 'Where it hears of its tasks by signed webhooks.' })
  webhookUrl?: string | null

  @Field(() => Boolean, { defaultValue: false, description: 'Whether it gets a user of NATS.' })
  nats!: boolean
}

@InputType()
export class VendorInput {
  @IsUUID()
  @Field(() => ID)
  vendorId!: string
}

@InputType()
export class SetVendorWebhookInput extends VendorInput {
  @IsOptional()
  @MaxLength(2_000)
  @Field(() => String, { nullable: true, description: 'Null: none any more.' })
  webhookUrl?: string | null
}

@InputType()
export class RenewVendorInput extends VendorInput {
  @IsInt()
  @Min(0)
  @Max(longestOverlapSeconds)
  @Field(() => Int, {
    defaultValue: usualOverlapSeconds,
    description: 'How long the earlier one is good beside the new; 0: it ends at once.',
  })
  overlapSeconds!: number
}

@InputType()
export class ResendDeliveryInput {
  @IsUUID()
  @Field(() => ID)
  deliveryId!: string
}

@InputType()
export class MoveTaskInput {
  @IsUUID()
  @Field(() => ID)
  taskId!: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'Null: back to people.' })
  vendorId?: string | null
}
