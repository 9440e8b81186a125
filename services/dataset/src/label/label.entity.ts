import { Directive, Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime } from '@ymir/graphql'

@Directive('@key(fields: "id")')
@ObjectType({
  description:
    'A class of objects. Unique in the workspace: no two labels share a name or an alias, in whatever case.',
})
@Entity('labels')
export class Label {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Field(() => String)
  @Column({ type: 'text' })
  name!: string

  @Field(() => [String], { description: 'Other names that imports may use for it.' })
  @Column({ type: 'text', array: true })
  aliases!: string[]

  @Field(() => String, { description: 'A CSS colour.' })
  @Column({ type: 'text' })
  color!: string

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date
}
