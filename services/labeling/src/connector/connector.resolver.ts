import { GraphQLDateTime } from '@ymir/graphql'
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { In, Not, IsNull } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import type { VendorRow } from '../vendor/vendor.entity.ts'
import { VendorInput } from '../vendor/vendor.input.ts'
import { requireVendor } from '../vendor/vendor.loader.ts'
import { Vendor } from '../vendor/vendor.type.ts'
import { ConnectorItemRow, ConnectorRow } from './connector.entity.ts'
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
  lastLookAt(
    @Root() { id }: ConnectorRow,
    @Ctx() { database, loader }: LabelingContext,
  ): Promise<Date | null> {
    return loader<string, Date | null>('last look of connector', async (ids) => {
      const rows: { connector_id: string; last: Date | null }[] = await database.query(
        `select connector_id, max(looked_at) as last from connector_tasks
          where connector_id = any($1) group by connector_id`,
        [ids],
      )
      return ids.map((one) => rows.find((row) => row.connector_id === one)?.last ?? null)
    }).load(id)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Why a task cannot be compared with the tool, and what to do; it is tried again. Null: nothing.',
  })
  problem(
    @Root() { id }: ConnectorRow,
    @Ctx() { database, loader }: LabelingContext,
  ): Promise<string | null> {
    return loader<string, string | null>('problem of connector', async (ids) => {
      const rows: { connector_id: string; problem: string }[] = await database.query(
        `select distinct on (connector_id) connector_id, own.problem
           from connector_tasks as own join labelling_tasks as task on task.id = own.task_id
          where connector_id = any($1) and own.problem is not null and closed_at is null
            and task.state in ('OPEN', 'CANCELLED')
          order by connector_id, next_look_at desc`,
        [ids],
      )
      return ids.map((one) => rows.find((row) => row.connector_id === one)?.problem ?? null)
    }).load(id)
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
