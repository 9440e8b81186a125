import { GraphQLDateTime } from '@ymir/graphql'
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { In, Not, IsNull } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import type { VendorRow } from '../vendor/vendor.entity.ts'
import { VendorInput } from '../vendor/vendor.input.ts'
import { requireVendor } from '../vendor/vendor.loader.ts'
import { Vendor } from '../vendor/vendor.type.ts'
import { ConnectorItemRow, ConnectorRow, ConnectorTaskRow } from './connector.entity.ts'
import { ConnectVendorInput, HearToolInput } from './connector.input.ts'
import { connectVendor, disconnectVendor, hearTool } from './connector.ts'
import { ConnectVendorPayload, HearToolPayload, RefusedAnswer, VendorConnector } from './connector.type.ts'

const mostRefused = 100

@Resolver(() => Vendor)
export class VendorToolResolver {
  @Mutation(() => ConnectVendorPayload, {
    description:
      'Has a vendor work in Label Studio or CVAT: its tasks appear there, and what is finished there comes back. The same place again is another token for it. For owners. Codes: BAD_USER_INPUT (the tool does not answer, or refuses the token).',
  })
  async connectVendor(
    @Arg('input', () => ConnectVendorInput) input: ConnectVendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<ConnectVendorPayload> {
    const { database, vendorDoors, chores } = context
    await requireVendor(input.vendorId, context, 'OWNER')
    const { cipher, outward } = vendorDoors
    const { organization = null, platformUrl = null } = input
    const vendor = await connectVendor({ database, cipher, outward }, { ...input, organization, platformUrl })
    chores.lookIntoTools()
    return { vendor }
  }

  @Mutation(() => ConnectVendorPayload, {
    description:
      'Forgets the labelling tool of a vendor, and the token for it. What is in the tool stays there as it is. For owners.',
  })
  async disconnectVendor(
    @Arg('input', () => VendorInput) { vendorId }: VendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<ConnectVendorPayload> {
    const vendor = await requireVendor(vendorId, context, 'OWNER')
    await disconnectVendor(context.database, vendorId)
    return { vendor }
  }

  @Mutation(() => HearToolPayload, {
    description:
      'A labelling tool says that something is new; nothing else of it is believed. For services only.',
  })
  async hearTool(
    @Arg('input', () => HearToolInput) { body, ...call }: HearToolInput,
    @Ctx() { access, database, vendorDoors, chores }: LabelingContext,
  ): Promise<HearToolPayload> {
    access.requireService()
    const { cipher } = vendorDoors
    const isHeard = await hearTool({ database, cipher }, { ...call, body: Buffer.from(body, 'base64') })
    if (isHeard) chores.lookIntoTools()
    return { isHeard }
  }

  @FieldResolver(() => VendorConnector, {
    nullable: true,
    description: 'The labelling tool in which it works; null: none. Hidden (null) but for owners.',
  })
  async connector(
    @Root() { id, projectId }: VendorRow,
    @Ctx() { access, database, loader }: LabelingContext,
  ): Promise<VendorConnector | null> {
    if (!(await access.mayInProject(projectId, 'OWNER'))) return null
    return loader<string, ConnectorRow | null>('connector of vendor', async (ids) => {
      const rows = await database.manager.findBy(ConnectorRow, { vendorId: In([...ids]) })
      return ids.map((one) => rows.find(({ vendorId }) => vendorId === one) ?? null)
    }).load(id)
  }
}

@Resolver(() => VendorConnector)
export class VendorConnectorResolver {
  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'When a task was compared with the tool and all was well; null: not yet.',
  })
  async lastLookAt(@Root() { id }: ConnectorRow, @Ctx() context: LabelingContext): Promise<Date | null> {
    const times = (await tasksOf(id, context)).flatMap(({ lookedAt }) => lookedAt ?? [])
    return times.reduce<Date | null>((last, one) => (last && last > one ? last : one), null)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Why a task cannot be compared with the tool, and what to do; it is tried again. Null: nothing.',
  })
  async problem(@Root() { id }: ConnectorRow, @Ctx() context: LabelingContext): Promise<string | null> {
    return (await tasksOf(id, context)).find(({ problem, closedAt }) => problem && !closedAt)?.problem ?? null
  }

  @FieldResolver(() => [RefusedAnswer], {
    description: 'Answers in the tool that cannot be taken; the first 100.',
  })
  refused(
    @Root() { id }: ConnectorRow,
    @Ctx() { database, loader }: LabelingContext,
  ): Promise<RefusedAnswer[]> {
    return loader<string, RefusedAnswer[]>('refused of connector', async (ids) => {
      const rows = await database
        .getRepository(ConnectorItemRow)
        .createQueryBuilder('link')
        .innerJoin(LabellingTaskRow, 'task', `task.id = link.taskId and task.state = 'OPEN'`)
        .where({ connectorId: In([...ids]), problem: Not(IsNull()) })
        .orderBy('link.taskId')
        .addOrderBy('link.itemId')
        .limit(mostRefused * ids.length)
        .getMany()
      return ids.map((one) =>
        rows
          .filter(({ connectorId }) => connectorId === one)
          .slice(0, mostRefused)
          .map(({ taskId, itemId, problem }) => ({ taskId, itemId, problem: problem ?? '' })),
      )
    }).load(id)
  }
}

/** Those that are looked at, or were ended. */
function tasksOf(id: string, { database, loader }: LabelingContext): Promise<ConnectorTaskRow[]> {
  return loader<string, ConnectorTaskRow[]>('tasks of connector', async (ids) => {
    const rows = await database
      .getRepository(ConnectorTaskRow)
      .createQueryBuilder('own')
      .innerJoin(LabellingTaskRow, 'task', `task.id = own.taskId and task.state in ('OPEN', 'CANCELLED')`)
      .where({ connectorId: In([...ids]) })
      .orderBy('own.nextLookAt', 'DESC')
      .addOrderBy('own.taskId')
      .getMany()
    return ids.map((one) => rows.filter(({ connectorId }) => connectorId === one))
  }).load(id)
}
