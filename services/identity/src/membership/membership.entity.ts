import { GraphQLDateTime, type ProjectRole } from '@ymir/graphql'
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export const ProjectRoles = {
  OWNER: 'OWNER',
  EDITOR: 'EDITOR',
  ANNOTATOR: 'ANNOTATOR',
  VIEWER: 'VIEWER',
} as const satisfies Record<ProjectRole, ProjectRole>

registerEnumType(ProjectRoles, {
  name: 'ProjectRole',
  description: 'What someone may in a project; each may what the following may.',
  valuesConfig: {
    OWNER: { description: 'May change the project and its members.' },
    EDITOR: { description: 'May import, train, mine and have labelled.' },
    ANNOTATOR: { description: 'May label.' },
    VIEWER: { description: 'May look.' },
  },
})

@Entity('memberships')
@ObjectType({ description: "Someone's role in a project." })
export class Membership {
  @PrimaryColumn({ type: 'uuid', name: 'project_id' })
  @Field(() => ID)
  projectId!: string

  @PrimaryColumn({ type: 'uuid', name: 'user_id' })
  userId!: string

  @Column({ type: 'text' })
  @Field(() => ProjectRoles)
  role!: ProjectRole

  @Column({ type: 'timestamptz' })
  @Field(() => GraphQLDateTime, { description: 'Member since; a change of role does not change it.' })
  since!: Date
}
