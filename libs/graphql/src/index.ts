import 'reflect-metadata'

export { Box, BoxInput } from './box.ts'
export { Prediction } from './prediction.ts'
export {
  Connection,
  ConnectionArguments,
  PageInfo,
  connectionOf,
  fromCursor,
  keysetPage,
  type Page,
} from './connection.ts'
export { countByDay, DayCount, DaysArguments, type Deeds } from './day-count.ts'
export type { Access, RequestContext } from './context.ts'
export { DomainError, notFound } from './errors.ts'
export { GraphClient } from './client.ts'
export {
  CALLER_HEADER,
  signIdentity,
  verifyIdentity,
  type Caller,
  type ProjectRole,
  type Role,
  type UserCaller,
  type VendorCaller,
} from './identity.ts'
export { GraphQLDateTime, GraphQLJSON } from './scalars.ts'
export { sendFile, type SentFile } from './send-file.ts'
export { serveSubgraph, type RunningSubgraph } from './server.ts'
export { buildSubgraph, type References, type Subgraph } from './subgraph.ts'
