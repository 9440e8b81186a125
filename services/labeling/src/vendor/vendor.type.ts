import { Connection, GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { DeliveryDoor, DeliveryState } from './delivery.entity.ts'

const DeliveryStates = {
  PENDING: 'PENDING',
  DELIVERED: 'DELIVERED',
  FAILED: 'FAILED',
} as const satisfies Record<DeliveryState, DeliveryState>

registerEnumType(DeliveryStates, {
  name: 'VendorDeliveryState',
  valuesConfig: {
    PENDING: { description: 'Is sent, or will be tried again at `nextAttemptAt`.' },
    DELIVERED: { description: 'The vendor has it.' },
    FAILED: { description: 'Is not tried again, but by resendDelivery.' },
  },
})

const DeliveryDoors = {
  WEBHOOK: 'WEBHOOK',
  NATS: 'NATS',
} as const satisfies Record<DeliveryDoor, DeliveryDoor>

registerEnumType(DeliveryDoors, { name: 'VendorDoor', description: 'How a vendor is told.' })

@Directive('@key(fields: "id")')
@ObjectType({
  description: 'A party outside that labels: it sees the tasks that are given to it, nothing else.',
})
export class Vendor {
  @Field(() => ID)
  id!: string

  @Field(() => String, { description: 'Unique in the project.' })
  name!: string

  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it lost its access; null: it has it.' })
  closedAt!: Date | null
}

@ObjectType({ description: 'One try to tell a vendor something.' })
export class VendorDeliveryAttempt {
  @Field(() => GraphQLDateTime)
  attemptedAt!: Date

  @Field(() => Int, { nullable: true, description: 'HTTP status of the answer, if there was one.' })
  status!: number | null

  @Field(() => String, { nullable: true, description: 'Null: it arrived.' })
  problem!: string | null

  @Field(() => Int, { description: 'How long it took.' })
  milliseconds!: number
}

@ObjectType({ description: 'Something that a vendor is told, by one of its doors.' })
export class VendorDelivery {
  @Field(() => ID, { description: '`webhook-id`, or `ce-id` on NATS: the same at each try.' })
  id!: string

  @Field(() => DeliveryDoors)
  door!: DeliveryDoor

  @Field(() => String, { description: 'CloudEvents type.' })
  type!: string

  @Field(() => GraphQLJSON, { description: 'What it says.' })
  data!: object

  @Field(() => DeliveryStates)
  state!: DeliveryState

  @Field(() => GraphQLDateTime)
  createdAt!: Date
}

export const VendorDeliveryConnection = Connection('VendorDelivery', () => VendorDelivery)
