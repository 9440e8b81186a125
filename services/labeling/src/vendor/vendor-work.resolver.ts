import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import type { VendorRow } from './vendor.entity.ts'
import { Vendor } from './vendor.type.ts'

interface Work {
  readonly open: number
  readonly stuck: number
}

@Resolver(() => Vendor)
export class VendorWorkResolver {
  @FieldResolver(() => Int, { description: 'Open tasks that it has.' })
  async openTaskCount(@Root() { id }: VendorRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await workOf(id, context)).open
  }

  @FieldResolver(() => Int, { description: 'Those of them of which nothing comes (`stuckSince`).' })
  async stuckTaskCount(@Root() { id }: VendorRow, @Ctx() context: LabelingContext): Promise<number> {
    return (await workOf(id, context)).stuck
  }
}

function workOf(vendorId: string, { database, loader }: LabelingContext): Promise<Work> {
  return loader<string, Work>('work of vendor', async (ids) => {
    const counted: readonly (Work & { readonly id: string })[] = await database.query(
      `select vendor_id as id, count(*)::int as open, count(stuck_since)::int as stuck
         from labelling_tasks where vendor_id = any($1) and state = 'OPEN' group by vendor_id`,
      [[...ids]],
    )
    return ids.map((one) => counted.find(({ id }) => id === one) ?? { open: 0, stuck: 0 })
  }).load(vendorId)
}
