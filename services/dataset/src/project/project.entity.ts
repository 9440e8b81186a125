import { Directive, Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime } from '@ymir/graphql'

@Directive('@key(fields: "id")')
@ObjectType({ description: 'What a team works on: its classes, datasets, models and rounds.' })
@Entity('projects')
export class Project {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Field(() => String)
  @Column({ type: 'text' })
  name!: string

  @Field(() => String)
  @Column({ type: 'text' })
  description!: string

  @Field(() => [String], { description: 'Names of the labels that its models learn, in order.' })
  @Column({ type: 'text', array: true })
  classes!: string[]

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date

  @Column({ type: 'uuid', name: 'created_by' })
  createdById!: string
}
