import { GraphQLDateTime, type Role } from '@ymir/graphql'
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export const Roles = { ADMINISTRATOR: 'ADMINISTRATOR', MEMBER: 'MEMBER' } as const satisfies Record<
  Role,
  Role
>

registerEnumType(Roles, {
  name: 'Role',
  description: 'What someone may in the whole workspace.',
  valuesConfig: {
    ADMINISTRATOR: { description: 'May everything, in every project.' },
    MEMBER: { description: 'May create projects, and what their memberships say.' },
  },
})

@Entity('users')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'Someone who has signed up.' })
export class User {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID)
  id!: string

  @Column({ type: 'text' })
  @Field(() => String, { description: 'In lower case; unique.' })
  email!: string

  @Column({ type: 'text' })
  @Field(() => String)
  name!: string

  @Column({ type: 'text' })
  @Field(() => Roles)
  role!: Role

  @Column({ type: 'text', name: 'password_hash', select: false })
  passwordHash!: string

  @Column({ type: 'timestamptz', name: 'created_at' })
  @Field(() => GraphQLDateTime)
  createdAt!: Date
}
