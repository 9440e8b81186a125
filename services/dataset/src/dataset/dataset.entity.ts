import { Directive, Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime } from '@ymir/graphql'

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A named series of versions in a project.' })
@Entity('datasets')
export class Dataset {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Field(() => String, { description: 'Unique in the project, in whatever case.' })
  @Column({ type: 'text' })
  name!: string

  @Field(() => Boolean, { description: 'Whether everyone in the workspace may read it.' })
  @Column({ type: 'boolean', default: false })
  public!: boolean

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date
}
