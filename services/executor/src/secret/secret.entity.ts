import { GraphQLDateTime } from '@ymir/graphql'
import { Field, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('secrets')
@ObjectType({ description: 'A value that no log of a job shows. The value itself is never told.' })
export class Secret {
  @PrimaryColumn({ type: 'text' })
  @Field(() => String, { description: 'Unique.' })
  name!: string

  /** The value, encrypted. */
  @Column({ type: 'bytea' })
  sealed!: Buffer

  @Column({ type: 'timestamptz', name: 'registered_at' })
  @Field(() => GraphQLDateTime, { description: 'When it was given its value.' })
  registeredAt!: Date
}
