import { buildSchema, findBreakingChanges } from 'graphql'

/** What a client written for one schema could not do with the next, one line each. */
export function breakingChanges(before: string, after: string): string[] {
  return findBreakingChanges(buildSchema(before), buildSchema(after)).map(({ description }) => description)
}
