import { ConnectionArguments, GraphQLDateTime, keysetPage, notFound, type Page } from '@ymir/graphql'
import { Arg, Args, Ctx, Field, FieldResolver, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { AttemptRow, DeliveryRow } from './delivery.entity.ts'
import type { VendorRow } from './vendor.entity.ts'
import { ResendDeliveryInput } from './vendor.input.ts'
import { requireVendor } from './vendor.loader.ts'
import { Vendor, VendorDelivery, VendorDeliveryAttempt, VendorDeliveryConnection } from './vendor.type.ts'

@ObjectType()
class ResendDeliveryPayload {
  @Field(() => VendorDelivery)
  delivery!: VendorDelivery
}

@Resolver(() => Vendor)
export class VendorDeliveriesResolver {
  @FieldResolver(() => VendorDeliveryConnection, {
    description: 'What the vendor was told, newest first. For owners.',
  })
  async deliveries(
    @Root() vendor: VendorRow,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: LabelingContext,
  ): Promise<Page<VendorDelivery>> {
    await access.requireProject(vendor.projectId, 'OWNER')
    const query = database
      .getRepository(DeliveryRow)
      .createQueryBuilder('delivery')
      .where('delivery.vendorId = :id', { id: vendor.id })
    return keysetPage(query, page)
  }
}

@Resolver(() => VendorDelivery)
export class DeliveryResolver {
  @Mutation(() => ResendDeliveryPayload, {
    description:
      'Tells a vendor once more what it was told, under the same id; tries as often as at first. For owners.',
  })
  async resendDelivery(
    @Arg('input', () => ResendDeliveryInput) { deliveryId }: ResendDeliveryInput,
    @Ctx() context: LabelingContext,
  ): Promise<ResendDeliveryPayload> {
    const { database, vendorDoors } = context
    const deliveries = database.getRepository(DeliveryRow)
    const found = await deliveries.findOneBy({ id: deliveryId })
    if (!found) throw notFound('delivery', deliveryId)
    await requireVendor(found.vendorId, context, 'OWNER')
    await deliveries.update(deliveryId, { state: 'PENDING', attempts: 0, nextAttemptAt: new Date() })
    vendorDoors.look()
    return { delivery: await deliveries.findOneByOrFail({ id: deliveryId }) }
  }

  @FieldResolver(() => Int, { description: 'Tries so far, since it was made or resent.' })
  attemptCount(@Root() { attempts }: DeliveryRow): number {
    return attempts
  }

  @FieldResolver(() => GraphQLDateTime, { nullable: true, description: 'Of a pending one.' })
  nextAttemptAt(@Root() { state, nextAttemptAt }: DeliveryRow): Date | null {
    return state === 'PENDING' ? nextAttemptAt : null
  }

  @FieldResolver(() => [VendorDeliveryAttempt], { description: 'The last 20, oldest first.' })
  attempts(
    @Root() { id }: DeliveryRow,
    @Ctx() { database, loader }: LabelingContext,
  ): Promise<VendorDeliveryAttempt[]> {
    return loader<string, AttemptRow[]>('attempts of delivery', async (ids) => {
      const rows = await database.manager.find(AttemptRow, {
        where: { deliveryId: In([...ids]) },
        order: { id: 'ASC' },
      })
      return ids.map((one) => rows.filter(({ deliveryId }) => deliveryId === one).slice(-20))
    }).load(id)
  }
}
