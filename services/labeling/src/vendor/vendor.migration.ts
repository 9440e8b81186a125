import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Parties outside, what they were told, and which tasks are theirs. */
export class Vendors1700000190000 implements MigrationInterface {
  name = 'Vendors1700000190000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table vendors (
        id uuid primary key,
        project_id uuid not null,
        name text not null,
        webhook_url text,
        webhook_problem text,
        webhook_secret bytea not null,
        earlier_secret bytea,
        earlier_secret_until timestamptz(3),
        nats_key text unique,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        closed_at timestamptz(3)
      )`)
    await runner.query(`create unique index vendors_name on vendors (project_id, lower(name))`)
    await runner.query(`
      alter table labelling_tasks
        add vendor_id uuid references vendors,
        add stuck_after_seconds integer not null default 86400,
        add waiting_since timestamptz(3),
        add stuck_since timestamptz(3)`)
    await runner.query(`
      create index labelling_tasks_of_vendor on labelling_tasks (vendor_id, created_at, id)
        where vendor_id is not null`)
    await runner.query(`alter table labelling_items add vendor_revision integer, add vendor_answer text`)
    await runner.query(`
      create table vendor_deliveries (
        id uuid primary key,
        vendor_id uuid not null references vendors on delete cascade,
        task_id uuid not null references labelling_tasks on delete cascade,
        door text not null check (door in ('WEBHOOK', 'NATS')),
        type text not null,
        data jsonb not null,
        occurred_at timestamptz(3) not null,
        state text not null check (state in ('PENDING', 'DELIVERED', 'FAILED')),
        attempts integer not null default 0,
        next_attempt_at timestamptz(3) not null,
        created_at timestamptz(3) not null default now()
      )`)
    await runner.query(
      `create index vendor_deliveries_of_vendor on vendor_deliveries (vendor_id, created_at, id)`,
    )
    await runner.query(
      `create index vendor_deliveries_due on vendor_deliveries (next_attempt_at) where state = 'PENDING'`,
    )
    await runner.query(`
      create table vendor_delivery_attempts (
        id bigint generated always as identity primary key,
        delivery_id uuid not null references vendor_deliveries on delete cascade,
        attempted_at timestamptz(3) not null,
        status integer,
        problem text,
        milliseconds integer not null
      )`)
    await runner.query(
      `create index vendor_delivery_attempts_of on vendor_delivery_attempts (delivery_id, id)`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table vendor_delivery_attempts, vendor_deliveries`)
    await runner.query(`alter table labelling_items drop vendor_revision, drop vendor_answer`)
    await runner.query(`
      alter table labelling_tasks
        drop vendor_id, drop stuck_after_seconds, drop waiting_since, drop stuck_since`)
    await runner.query(`drop table vendors`)
  }
}
