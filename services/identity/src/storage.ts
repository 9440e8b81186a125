import { busMigrations } from '@ymir/bus'
import { AuditEntry } from './audit/audit.entity.ts'
import { ApiKey } from './key/key.entity.ts'
import { Membership } from './membership/membership.entity.ts'
import { migrations } from './migrations.ts'
import { Session } from './session/session.entity.ts'
import { User } from './user/user.entity.ts'
import { VendorKey } from './vendor/vendor-key.entity.ts'

/** What openDatabase needs to know of this service. */
export const storage = {
  schema: 'identity',
  entities: [User, Session, ApiKey, Membership, AuditEntry, VendorKey],
  migrations: [...busMigrations, ...migrations],
}
