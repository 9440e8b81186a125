import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Labelling tools of vendors, and what of our tasks is in them. */
export class Connectors1700000230000 implements MigrationInterface {
  name = 'Connectors1700000230000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table vendor_connectors (
        id uuid primary key,
        vendor_id uuid not null unique references vendors on delete cascade,
        tool text not null check (tool in ('LABEL_STUDIO', 'CVAT')),
        url text not null,
        organization text,
        platform_url text,
        token bytea not null,
        secret bytea not null,
        connected_at timestamptz(3) not null default now()
      )`)
    await runner.query(`
      create table connector_tasks (
        connector_id uuid not null references vendor_connectors on delete cascade,
        task_id uuid not null references labelling_tasks on delete cascade,
        remote_id text,
        is_hooked boolean not null default false,
        next_look_at timestamptz(3) not null default now(),
        looking_until timestamptz(3),
        looked_at timestamptz(3),
        failures integer not null default 0,
        problem text,
        closed_at timestamptz(3),
        primary key (connector_id, task_id)
      )`)
    await runner.query(
      `create index connector_tasks_due on connector_tasks (next_look_at) where closed_at is null`,
    )
    await runner.query(`create index connector_tasks_of_task on connector_tasks (task_id)`)
    await runner.query(`
      create table connector_items (
        connector_id uuid not null,
        item_id uuid not null references labelling_items on delete cascade,
        task_id uuid not null,
        remote_id text not null,
        reopened_revision integer,
        is_reopened boolean not null default false,
        problem text,
        primary key (connector_id, item_id),
        foreign key (connector_id, task_id) references connector_tasks on delete cascade
      )`)
    await runner.query(`create index connector_items_of_task on connector_items (connector_id, task_id)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table connector_items, connector_tasks, vendor_connectors`)
  }
}
