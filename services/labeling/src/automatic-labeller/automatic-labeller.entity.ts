import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('automatic_labellers')
export class AutomaticLabellerRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'text' })
  name!: string

  /** The hidden ground truth. */
  @Column({ type: 'uuid', name: 'version_id' })
  versionId!: string

  /** Empty when the platform itself asked. */
  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date
}
