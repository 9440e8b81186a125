import { DomainError } from '@ymir/graphql'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { Arg, Ctx, Field, Float, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { targetOf } from '../dataset/dataset.store.ts'
import { checkAccess, make } from './new-version.ts'
import { DatasetVersion } from './version.entity.ts'

@InputType()
class SplitPartInput {
  @MaxLength(200)
  @Field(() => String, { description: 'Name of the new dataset.' })
  name!: string

  @Min(0)
  @Max(1)
  @Field(() => Float, { description: 'Share of the whole; those of all parts add up to 1.' })
  fraction!: number
}

@InputType()
export class SplitVersionIntoInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @ValidateNested()
  @ArrayMinSize(2)
  @ArrayMaxSize(10)
  @Field(() => [SplitPartInput])
  parts!: SplitPartInput[]

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether each part gets its share of every label. Sizes are near the fractions then; without it they are exact.',
  })
  stratified!: boolean

  @IsInt()
  @Field(() => Float, {
    defaultValue: 0,
    description: 'A whole number; the same seed gives the same parts.',
  })
  seed!: number
}

@ObjectType()
class SplitIntoPayload {
  @Field(() => [DatasetVersion], { description: 'In the order of the parts.' })
  versions!: DatasetVersion[]
}

@Resolver()
export class SplitResolver {
  @Mutation(() => SplitIntoPayload, {
    description: 'A version as new datasets that share no asset and together have all.',
  })
  async splitVersionInto(
    @Arg('input', () => SplitVersionIntoInput) { versionId, parts, stratified, seed }: SplitVersionIntoInput,
    @Ctx() context: DatasetContext,
  ): Promise<SplitIntoPayload> {
    checkFractions(parts)
    const plain = parts.map(({ name, fraction }) => ({ name, fraction }))
    const work = { operation: 'SPLIT', versionId, parts: plain, stratified, seed } as const
    const project = await checkAccess(context, { ...work, part: 0 })
    const versions = await context.database.transaction(async (manager) => {
      const made: DatasetVersion[] = []
      for (const [part, { name }] of plain.entries())
        made.push(await make(manager, context, project, { ...work, part }, targetOf({ name })))
      return made
    })
    return { versions }
  }
}

/** Fractions such as a third cannot be written exactly. */
const allowedError = 1e-6

export function checkFractions(parts: readonly SplitPartInput[]): void {
  const sum = parts.reduce((total, { fraction }) => total + fraction, 0)
  if (Math.abs(sum - 1) <= allowedError) return
  throw new DomainError('BAD_USER_INPUT', `the fractions add up to ${sum}, not to 1`, {
    field: 'parts',
    found: sum,
  })
}
