import { Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import { DatasetVersion, User } from '../stubs.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { LabellingTask } from '../task/labelling-task.type.ts'
import type { VendorRow } from '../vendor/vendor.entity.ts'
import { findVendor } from '../vendor/vendor.loader.ts'
import { Vendor } from '../vendor/vendor.type.ts'
import { f1Of, meanIouOf, precisionOf, recallOf } from './known-answers.ts'
import { reportsOf, type Report } from './report.ts'

@ObjectType({ description: 'How often a class was given where another, or nothing, is known.' })
class LabelConfusion {
  @Field(() => String, { nullable: true, description: 'Null: there is no object.' })
  known!: string | null

  @Field(() => String, { nullable: true, description: 'Null: the object was missed.' })
  given!: string | null

  @Field(() => Int, { description: 'Boxes.' })
  count!: number
}

@ObjectType({
  description:
    'How good the answers of a person or a vendor are, as they were given: measured on gold images, and against other answers to the same images. Boxes match at IoU 0.5 or more; a turned one counts as the box around it.',
})
class LabellerQuality {
  @Field(() => Int, { description: 'Images whose newest answer is theirs, skipped ones included.' })
  answeredCount!: number

  @Field(() => Int)
  skippedCount!: number

  @Field(() => Int, { description: 'Boxes in their answers.' })
  boxCount!: number

  @Field(() => Float, {
    nullable: true,
    description:
      'Of a person the median, as in `labellers`; of a vendor the median of the seconds that its answers say or, where none says it, the time from the making of the task to its last answer, by its images.',
  })
  secondsPerImage!: number | null
}

@Resolver(() => LabellerQuality)
export class LabellerQualityResolver {
  @FieldResolver(() => User, { nullable: true, description: 'Null: a vendor.' })
  user(@Root() { userId }: Report): User | null {
    return userId === null ? null : { id: userId }
  }

  @FieldResolver(() => Vendor, { nullable: true, description: 'Null: a person.' })
  vendor(@Root() { vendorId }: Report, @Ctx() context: LabelingContext): Promise<Vendor | null> | null {
    return vendorId === null ? null : findVendor(vendorId, context)
  }

  @FieldResolver(() => Int, {
    description:
      'Gold images among their answers, the newest 2,000 at most; who skipped one missed all in it.',
  })
  goldCount(@Root() { gold }: Report): number {
    return gold.images
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Of the boxes given in gold images: how many are right, 0 to 1.',
  })
  precision(@Root() { gold }: Report): number | null {
    return precisionOf(gold)
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Of the objects known in gold images: how many were found, 0 to 1.',
  })
  recall(@Root() { gold }: Report): number | null {
    return recallOf(gold)
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'How well the right boxes lie, 0.5 to 1.',
  })
  meanIou(@Root() { gold }: Report): number | null {
    return meanIouOf(gold)
  }

  @FieldResolver(() => [LabelConfusion], { description: 'Of gold images, by known class, then by given.' })
  confusion(@Root() { gold }: Report): readonly LabelConfusion[] {
    return gold.confusion
  }

  @FieldResolver(() => Int, {
    description:
      'Images that have another answer too, with which theirs is compared; the newest 2,000 at most.',
  })
  overlapCount(@Root() { overlap }: Report): number {
    return overlap.images
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'F1 of their boxes and those of the other answers, 0 to 1. A vendor is compared with itself.',
  })
  agreement(@Root() { overlap }: Report): number | null {
    return f1Of(overlap)
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Mean IoU of the boxes on which the answers agree.',
  })
  agreementIou(@Root() { overlap }: Report): number | null {
    return meanIouOf(overlap)
  }
}

@Resolver(() => LabellingTask)
export class TaskQualityResolver {
  @FieldResolver(() => [LabellerQuality], {
    description: 'How good the answers are, of everybody who answered, most answers first. For editors.',
  })
  async quality(
    @Root() { id, projectId }: LabellingTaskRow,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<LabellerQuality[]> {
    await access.requireProject(projectId, 'EDITOR')
    return reportsOf(database, { taskId: id })
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'Where the gold images are from. Hidden (null) but for editors.',
  })
  async goldVersion(
    @Root() { projectId, goldVersionId }: LabellingTaskRow,
    @Ctx() { access }: LabelingContext,
  ): Promise<DatasetVersion | null> {
    if (!goldVersionId || !(await access.mayInProject(projectId, 'EDITOR'))) return null
    return { id: goldVersionId }
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Gold images among the images. Hidden (null) but for editors.',
  })
  async goldCount(
    @Root() { projectId, goldCount, itemCount }: LabellingTaskRow,
    @Ctx() { access }: LabelingContext,
  ): Promise<number | null> {
    if (!(await access.mayInProject(projectId, 'EDITOR'))) return null
    return itemCount === null ? 0 : goldCount
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Share of the images that are answered twice, 0 to 1. Hidden (null) but for editors.',
  })
  async overlap(
    @Root() { projectId, overlap }: LabellingTaskRow,
    @Ctx() { access }: LabelingContext,
  ): Promise<number | null> {
    return (await access.mayInProject(projectId, 'EDITOR')) ? overlap : null
  }
}

@Resolver(() => Vendor)
export class VendorQualityResolver {
  @FieldResolver(() => LabellerQuality, {
    nullable: true,
    description: 'How good its answers are, in all its tasks; null when it has not answered. For editors.',
  })
  async quality(
    @Root() { id, projectId }: VendorRow,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<LabellerQuality | null> {
    await access.requireProject(projectId, 'EDITOR')
    const reports = await reportsOf(database, { vendorId: id })
    return reports.find(({ vendorId }) => vendorId === id) ?? null
  }
}
