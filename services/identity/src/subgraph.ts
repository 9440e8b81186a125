import type { Subgraph } from '@ymir/graphql'
import { ApiKeyResolver } from './key/key.resolver.ts'
import { MembershipResolver, ProjectResolver, Project } from './membership/membership.resolver.ts'
import { SessionResolver } from './session/session.resolver.ts'
import { usersById } from './user/user.loader.ts'
import { UserResolver } from './user/user.resolver.ts'
import { VendorKeyResolver } from './vendor/vendor-key.resolver.ts'
import type { IdentityContext } from './context.ts'

/** Identity's part of the graph: who someone is and what they may. */
export const subgraph: Subgraph = {
  name: 'identity',
  resolvers: [
    UserResolver,
    SessionResolver,
    ApiKeyResolver,
    MembershipResolver,
    ProjectResolver,
    VendorKeyResolver,
  ],
  extended: [Project],
  references: {
    User: ({ id }: { id: string }, context: IdentityContext) => usersById(context).load(id),
    Project: ({ id }: Project): Project => ({ id }),
  },
}
