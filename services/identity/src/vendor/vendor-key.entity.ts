import { Column, Entity, PrimaryColumn } from 'typeorm'

/** What a labelling vendor shows at the door. The vendor itself is the labeling service's. */
@Entity('vendor_keys')
export class VendorKey {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'vendor_id' })
  vendorId!: string

  @Column({ type: 'bytea', name: 'token_sha256' })
  tokenSha256!: Buffer

  /** Null: until it is renewed or the vendor is closed. */
  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null
}
