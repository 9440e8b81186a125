import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { actorOf, type LabelingContext } from '../context.ts'
import { Project } from '../stubs.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { forgetTask, requireTask } from '../task/labelling-task.loader.ts'
import { LabellingTask } from '../task/labelling-task.type.ts'
import { moveTask } from './assignment.ts'
import { VendorRow } from './vendor.entity.ts'
import {
  CreateVendorInput,
  MoveTaskInput,
  RenewVendorInput,
  SetVendorWebhookInput,
  VendorInput,
} from './vendor.input.ts'
import { findVendor, requireVendor } from './vendor.loader.ts'
import {
  closeVendor,
  createVendor,
  renewNatsKey,
  renewVendorToken,
  renewWebhookSecret,
  setWebhook,
  type VendorSecrets,
} from './vendor.ts'
import { Vendor } from './vendor.type.ts'

@ObjectType()
class VendorPayload {
  @Field(() => Vendor)
  vendor!: Vendor
}

@ObjectType({ description: 'What a vendor needs to come in. It is told only here; null: it stays as it is.' })
class VendorSecretsPayload {
  @Field(() => Vendor)
  vendor!: Vendor

  @Field(() => String, { nullable: true, description: 'Sent by the vendor as `Authorization: Bearer ...`.' })
  token!: string | null

  @Field(() => String, {
    nullable: true,
    description: '`whsec_...`: with it the vendor checks what came by webhook (Standard Webhooks 1.0).',
  })
  webhookSecret!: string | null

  @Field(() => String, { nullable: true, description: 'Seed of the key (nkey) of its user of NATS.' })
  natsSeed!: string | null
}

@ObjectType()
class MoveTaskPayload {
  @Field(() => LabellingTask)
  task!: LabellingTask
}

@Resolver(() => Vendor)
export class VendorResolver {
  @Query(() => Vendor, { nullable: true })
  vendor(@Arg('id', () => ID) id: string, @Ctx() context: LabelingContext): Promise<Vendor | null> {
    return findVendor(id, context)
  }

  @Mutation(() => VendorSecretsPayload, {
    description: 'Makes a vendor for a project, with credentials of its own. For owners.',
  })
  async createVendor(
    @Arg('input', () => CreateVendorInput) input: CreateVendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorSecretsPayload> {
    await context.access.requireProject(input.projectId, 'OWNER')
    const { projectId, name, nats } = input
    const webhookUrl = input.webhookUrl ?? null
    const createdBy = actorOf(context)
    return told(await createVendor(context, { projectId, name: name.trim(), webhookUrl, nats, createdBy }))
  }

  @Mutation(() => VendorPayload, {
    description:
      'Gives a vendor another address for webhooks, or uses one again that was disabled. For owners.',
  })
  async setVendorWebhook(
    @Arg('input', () => SetVendorWebhookInput) { vendorId, webhookUrl }: SetVendorWebhookInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorPayload> {
    await requireVendor(vendorId, context, 'OWNER')
    return { vendor: await setWebhook(context, vendorId, webhookUrl ?? null) }
  }

  @Mutation(() => VendorSecretsPayload, { description: 'Makes a new token for a vendor. For owners.' })
  async renewVendorToken(
    @Arg('input', () => RenewVendorInput) { vendorId, overlapSeconds }: RenewVendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorSecretsPayload> {
    await requireVendor(vendorId, context, 'OWNER')
    return told(await renewVendorToken(context, vendorId, overlapSeconds))
  }

  @Mutation(() => VendorSecretsPayload, {
    description: 'Makes a new secret for webhooks; both sign as long as the earlier one is good. For owners.',
  })
  async renewVendorWebhookSecret(
    @Arg('input', () => RenewVendorInput) { vendorId, overlapSeconds }: RenewVendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorSecretsPayload> {
    await requireVendor(vendorId, context, 'OWNER')
    return told(await renewWebhookSecret(context, vendorId, overlapSeconds))
  }

  @Mutation(() => VendorSecretsPayload, {
    description: 'Gives a vendor a user of NATS, or another key for it; the earlier key ends. For owners.',
  })
  async renewVendorNatsKey(
    @Arg('input', () => VendorInput) { vendorId }: VendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorSecretsPayload> {
    await requireVendor(vendorId, context, 'OWNER')
    return told(await renewNatsKey(context, vendorId))
  }

  @Mutation(() => VendorPayload, {
    description: 'Takes all access from a vendor, for ever; its tasks can be moved to another. For owners.',
  })
  async closeVendor(
    @Arg('input', () => VendorInput) { vendorId }: VendorInput,
    @Ctx() context: LabelingContext,
  ): Promise<VendorPayload> {
    await requireVendor(vendorId, context, 'OWNER')
    return { vendor: await closeVendor(context, vendorId) }
  }

  @Mutation(() => MoveTaskPayload, {
    description:
      'Gives an open task to another vendor, or to people. What was answered stays; the former vendor is told. For editors.',
  })
  async moveTask(
    @Arg('input', () => MoveTaskInput) { taskId, vendorId }: MoveTaskInput,
    @Ctx() context: LabelingContext,
  ): Promise<MoveTaskPayload> {
    await requireTask(taskId, context, 'EDITOR')
    const task = await moveTask(context, taskId, vendorId ?? null, actorOf(context))
    forgetTask(context, taskId)
    context.chores.wake(task)
    return { task }
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: VendorRow): Project {
    return { id: projectId }
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Where it hears of its tasks. Hidden (null) but for owners.',
  })
  async webhookUrl(
    @Root() { projectId, webhookUrl }: VendorRow,
    @Ctx() { access }: LabelingContext,
  ): Promise<string | null> {
    return (await access.mayInProject(projectId, 'OWNER')) ? webhookUrl : null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why nothing is sent there any more, and what to do; null: it is used.',
  })
  webhookProblem(@Root() { webhookProblem }: VendorRow): string | null {
    return webhookProblem
  }

  @FieldResolver(() => Boolean, { description: 'Whether it has a user of NATS.' })
  hasNats(@Root() { natsKey }: VendorRow): boolean {
    return natsKey !== null
  }
}

function told({
  vendor,
  secrets,
}: {
  readonly vendor: VendorRow
  readonly secrets: VendorSecrets
}): VendorSecretsPayload {
  return { vendor, ...secrets }
}

@Resolver(() => Project)
export class ProjectVendorsResolver {
  @FieldResolver(() => [Vendor], { description: 'By name, without the closed ones.' })
  async vendors(@Root() { id }: Project, @Ctx() { access, database }: LabelingContext): Promise<Vendor[]> {
    await access.requireProject(id, 'VIEWER')
    const rows = await database.manager.find(VendorRow, { where: { projectId: id }, order: { name: 'ASC' } })
    return rows.filter(({ closedAt }) => closedAt === null)
  }
}

@Resolver(() => LabellingTask)
export class VendorOfTaskResolver {
  @FieldResolver(() => Vendor, {
    nullable: true,
    description: 'Who labels it; null: people, or nobody outside.',
  })
  vendor(@Root() { vendorId }: LabellingTaskRow, @Ctx() context: LabelingContext): Promise<Vendor | null> {
    return vendorId ? findVendor(vendorId, context) : Promise.resolve(null)
  }
}
