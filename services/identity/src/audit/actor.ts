import type { Caller } from '@ymir/graphql'

/** How a caller is named in the audit: a user's id, `service:<name>`, `vendor:<id>`, or `nobody`. */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'user':
      return caller.userId
    case 'service':
      return `service:${caller.name}`
    case 'vendor':
      return `vendor:${caller.vendorId}`
    case 'nobody':
      return 'nobody'
  }
}
