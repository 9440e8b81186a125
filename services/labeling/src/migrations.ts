import type { MigrationInterface, QueryRunner } from 'typeorm'
import { Connectors1700000230000 } from './connector/connector.migration.ts'
import { AnswerSeconds1700000250000 } from './item/answer-seconds.migration.ts'
import { Pace1700000180000 } from './item/pace.migration.ts'
import { Quality1700000210000 } from './quality/quality.migration.ts'
import { Vendors1700000190000 } from './vendor/vendor.migration.ts'

class LabellingTasks1700000001000 implements MigrationInterface {
  name = 'LabellingTasks1700000001000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table automatic_labellers (
        id uuid primary key,
        project_id uuid not null,
        name text not null,
        version_id uuid not null,
        created_by text not null,
        created_at timestamptz(3) not null default now()
      )`)
    await runner.query(
      `create unique index automatic_labellers_name on automatic_labellers (project_id, lower(name))`,
    )
    await runner.query(`
      create table labelling_tasks (
        id uuid primary key,
        project_id uuid not null,
        name text not null,
        version_id uuid not null,
        classes text[] not null,
        keep_annotations boolean not null,
        review boolean not null,
        automatic_labeller_id uuid,
        predictions jsonb,
        state text not null check (state in ('OPEN', 'STORING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        problem text,
        item_count integer,
        result_version_id uuid unique,
        result_requested boolean not null default false,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3)
      )`)
    await runner.query(
      `create index labelling_tasks_of_project on labelling_tasks (project_id, created_at, id)`,
    )
    await runner.query(
      `create index labelling_tasks_at_work on labelling_tasks (state) where state in ('OPEN', 'STORING')`,
    )
    await runner.query(`
      create table labelling_items (
        id uuid primary key,
        task_id uuid not null references labelling_tasks on delete cascade,
        position integer not null,
        asset_id text not null,
        width integer not null,
        height integer not null,
        state text not null
          check (state in ('WAITING', 'CLAIMED', 'LABELLED', 'SKIPPED', 'ACCEPTED', 'SENT_BACK')),
        annotations jsonb not null,
        kept_annotations jsonb not null,
        predictions jsonb not null default '[]',
        claimed_by text,
        claimed_until timestamptz(3),
        answered_by text,
        answered_at timestamptz(3),
        comment text,
        skip_reason text,
        unique (task_id, asset_id),
        unique (task_id, position)
      )`)
    // what a claim looks through: as a task fills, it stays short
    await runner.query(`
      create index labelling_items_to_do on labelling_items (task_id, position)
        where state in ('WAITING', 'SENT_BACK', 'CLAIMED')`)
    await runner.query(`create index labelling_items_by_state on labelling_items (task_id, state)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table labelling_items, labelling_tasks, automatic_labellers`)
  }
}

export const migrations = [
  LabellingTasks1700000001000,
  Pace1700000180000,
  Vendors1700000190000,
  Quality1700000210000,
  Connectors1700000230000,
  AnswerSeconds1700000250000,
]
