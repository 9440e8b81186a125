import { GraphQLDateTime } from '@ymir/graphql'
import { Field, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('registry_credentials')
@ObjectType('RegistryCredentials', {
  description: 'That there are credentials for a container registry; what they are is never shown.',
})
export class StoredCredentials {
  @PrimaryColumn({ type: 'text' })
  @Field(() => String, { description: 'Host and port as references name it; `docker.io` for Docker Hub.' })
  registry!: string

  @Column({ type: 'bytea' })
  sealed!: Buffer

  @Column({ type: 'timestamptz', name: 'set_at' })
  @Field(() => GraphQLDateTime)
  setAt!: Date

  @Column({ type: 'text', name: 'set_by' })
  setBy!: string
}
