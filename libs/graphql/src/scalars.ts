export { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars'
