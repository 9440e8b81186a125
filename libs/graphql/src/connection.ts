import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator'
import { ArgsType, Directive, Field, Int, ObjectType, type ClassType } from 'type-graphql'
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { DomainError } from './errors.ts'

@Directive('@shareable')
@ObjectType({ description: 'Where a page of a connection lies (Relay cursor connections).' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean

  @Field(() => Boolean)
  hasPreviousPage!: boolean

  @Field(() => String, { nullable: true })
  startCursor?: string | null

  @Field(() => String, { nullable: true, description: 'Give it as `after` to get the next page.' })
  endCursor?: string | null
}

@ArgsType()
export class ConnectionArguments {
  @IsInt()
  @Min(0)
  @Max(500)
  @Field(() => Int, { defaultValue: 20, description: 'How many, 500 at most.' })
  first!: number

  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  after?: string | null
}

/** One page of a list. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: PageInfo
  /** Counted only when asked for. */
  readonly totalCount: number | Promise<number>
}

/** The GraphQL types of a connection: `<name>Connection` and `<name>Edge`. */
export function Connection<Node extends object>(
  name: string,
  node: () => ClassType<Node>,
): ClassType<Page<Node>> {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string

    @Field(node)
    node!: Node
  }

  @ObjectType(`${name}Connection`)
  class Connected {
    @Field(() => [Edge])
    edges!: Edge[]

    @Field(() => PageInfo)
    pageInfo!: PageInfo

    @Field(() => Int)
    totalCount!: number
  }
  // a class with mutable arrays fills the read-only interface
  return Connected as unknown as ClassType<Page<Node>>
}

/**
 * A page out of rows already in order.
 * @param rows one more than `first`, if there is one: it tells that a next page exists
 * @param keyOf what the cursor of a row says
 */
export function connectionOf<Node>(
  rows: readonly Node[],
  { first, after }: Pick<ConnectionArguments, 'first' | 'after'>,
  keyOf: (node: Node) => readonly (string | number)[],
  count: () => number | Promise<number>,
): Page<Node> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: toCursor(keyOf(node)), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    get totalCount() {
      return count()
    },
  }
}

/**
 * A page by keyset: newest (or first by name) first, with the id to tell equal keys apart. Costs the same on every page.
 * Timestamps used as keys must be `timestamptz(3)`: a cursor has no more than JavaScript's milliseconds.
 * @param query selects the entity under its alias, with its conditions, without order
 * @param key property to order by, e.g. createdAt
 */
export async function keysetPage<Entity extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<Entity>,
  page: Pick<ConnectionArguments, 'first' | 'after'>,
  { key = 'createdAt', direction = 'DESC' }: { key?: string; direction?: 'ASC' | 'DESC' } = {},
): Promise<Page<Entity>> {
  const counted = query.clone()
  const { alias } = query
  if (page.after) {
    const [value, id] = fromCursor(page.after, 2)
    const sign = direction === 'DESC' ? '<' : '>'
    query.andWhere(`(${alias}.${key}, ${alias}.id) ${sign} (:afterValue, :afterId)`, {
      afterValue: value,
      afterId: id,
    })
  }
  const rows = await query
    .orderBy(`${alias}.${key}`, direction)
    .addOrderBy(`${alias}.id`, direction)
    .take(page.first + 1)
    .getMany()
  const keyOf = (row: Entity) => {
    const value: unknown = row[key]
    return [value instanceof Date ? value.toISOString() : String(value), row.id]
  }
  return connectionOf(rows, page, keyOf, () => counted.getCount())
}

function toCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** @throws DomainError BAD_USER_INPUT when the text is no cursor of ours */
export function fromCursor(cursor: string, length: number): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => ['string', 'number'].includes(typeof part))
    )
      return key
  } catch {
    // said below
  }
  throw new DomainError(
    'BAD_USER_INPUT',
    `"${cursor}" is not a cursor: give the \`endCursor\` of the page before`,
    {
      field: 'after',
    },
  )
}
