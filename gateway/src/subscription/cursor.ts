import { DomainError } from '@ymir/graphql'
import { z } from 'zod'
import type { Position } from '../feed/position.ts'

const marks = z.record(z.string(), z.tuple([z.number()], z.string()))

/** A position in the events stream, as part of a cursor. */
export const positionShape: z.ZodType<Position> = z.object({
  life: z.string(),
  sequence: z.int().nonnegative(),
  since: z.number(),
  marks,
  heard: marks.optional(),
})

export interface Cursors<State> {
  write(id: string, state: State): string
  /** @throws DomainError BAD_USER_INPUT when it is no cursor of this subscription of this entity */
  read(id: string, cursor: string): State
}

/** What a subscription's cursor holds, and for which subscription of which entity it is good. */
export function cursors<State>(subscription: string, shape: z.ZodType<State>): Cursors<State> {
  return {
    write: (id, state) => Buffer.from(JSON.stringify([subscription, id, state])).toString('base64url'),
    read: (id, cursor) => {
      const labelled = z
        .tuple([z.literal(subscription), z.literal(id), z.unknown()])
        .safeParse(parsed(cursor))
      const state = shape.safeParse(labelled.data?.[2])
      if (state.success) return state.data
      throw new DomainError(
        'BAD_USER_INPUT',
        `\`after\` is no cursor of ${subscription} for ${id}: give the \`cursor\` of the last payload that you got from it`,
        { field: 'after' },
      )
    },
  }
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
