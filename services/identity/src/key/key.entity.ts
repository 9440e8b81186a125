import { GraphQLDateTime } from '@ymir/graphql'
import { Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm'
import { User } from '../user/user.entity.ts'

@Entity('api_keys')
@ObjectType({ description: 'A token for a program, with a part of the rights of the user who made it.' })
export class ApiKey {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID)
  id!: string

  @Column({ type: 'uuid', name: 'user_id' })
  userId!: string

  @ManyToOne(() => User)
  @JoinColumn({ name: 'user_id' })
  user!: User

  @Column({ type: 'text' })
  @Field(() => String)
  name!: string

  @Column({ type: 'text', array: true })
  @Field(() => [String], {
    description:
      '`read`: queries and subscriptions; `write`: mutations; `label`: mutations of labelling only.',
  })
  scopes!: string[]

  @Column({ type: 'bytea', name: 'token_sha256' })
  tokenSha256!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at' })
  @Field(() => GraphQLDateTime)
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null: does not expire.' })
  expiresAt!: Date | null

  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'To the minute.' })
  lastUsedAt!: Date | null
}
