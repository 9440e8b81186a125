import type { MigrationInterface, QueryRunner } from 'typeorm'

class MiningTasksAndIterations1700000001000 implements MigrationInterface {
  name = 'MiningTasksAndIterations1700000001000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table iteration (
        id uuid primary key,
        project_id uuid not null,
        round integer not null check (round > 0),
        settings jsonb not null,
        start jsonb not null,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        unique (project_id, round)
      )`)
    await runner.query(`
      create table iteration_step (
        iteration_id uuid not null references iteration on delete cascade,
        name text not null check (name in ('PREPARE', 'MINE', 'LABEL', 'MERGE', 'TRAIN')),
        state text not null check (state in ('WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        output_id uuid,
        version_id uuid,
        asset_count integer,
        map50 double precision,
        parameters jsonb not null default '{}',
        problem text,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        primary key (iteration_id, name)
      )`)
    await runner.query(`create unique index iteration_step_output on iteration_step (output_id)`)
    await runner.query(`
      create table mining_task (
        id uuid primary key,
        project_id uuid not null,
        iteration_id uuid references iteration on delete cascade,
        job_id uuid not null unique,
        version_id uuid not null,
        stage_id uuid not null,
        executor_image_id uuid not null,
        strategy text not null,
        aggregate text not null,
        top_k integer not null check (top_k > 0),
        annotate boolean not null,
        seed integer not null,
        excluded_version_ids uuid[] not null,
        exclude_mined boolean not null,
        result_dataset_name text not null,
        state text not null check (state in ('MINING', 'TAKING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        problem text,
        scores_sha256 text,
        predictions_sha256 text,
        mined_predictions jsonb,
        result_version_id uuid not null unique,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3)
      )`)
    await runner.query(`create index mining_task_of_project on mining_task (project_id, created_at, id)`)
    await runner.query(`
      create table mined_asset (
        mining_task_id uuid not null references mining_task on delete cascade,
        rank integer not null,
        asset_id text not null,
        score double precision not null,
        primary key (mining_task_id, rank)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table mined_asset, mining_task, iteration_step, iteration`)
  }
}

/** A task was mined by one job; now by one for each chunk. */
class MiningChunks1700000002000 implements MigrationInterface {
  name = 'MiningChunks1700000002000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mining_chunk (
        mining_task_id uuid not null references mining_task on delete cascade,
        number integer not null check (number >= 0),
        job_id uuid not null unique,
        scores_sha256 text,
        predictions_sha256 text,
        details_sha256 text,
        primary key (mining_task_id, number)
      )`)
    await runner.query(`
      insert into mining_chunk (mining_task_id, number, job_id, scores_sha256, predictions_sha256)
        select id, 0, job_id, scores_sha256, predictions_sha256 from mining_task`)
    await runner.query(`
      alter table mining_task
        drop column predictions_sha256,
        add column job_request jsonb not null default '{}',
        add column chunk_count integer not null default 1 check (chunk_count > 0),
        add column chunks_done integer not null default 0`)
    await runner.query(`update mining_task set chunks_done = 1 where scores_sha256 is not null`)
    await runner.query(`alter table mining_task drop column scores_sha256`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table mining_task
        drop column job_request, drop column chunk_count, drop column chunks_done,
        add column scores_sha256 text, add column predictions_sha256 text`)
    await runner.query(`
      update mining_task set scores_sha256 = chunk.scores_sha256, predictions_sha256 = chunk.predictions_sha256
        from mining_chunk chunk where mining_task_id = id and number = 0`)
    await runner.query(`drop table mining_chunk`)
  }
}

/** What a task may spend and must leave out, and why it took what it took. */
class MinedReasons1700000003000 implements MigrationInterface {
  name = 'MinedReasons1700000003000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table mining_task
        add column strategies jsonb not null default '[]',
        add column budget_boxes integer check (budget_boxes > 0),
        add column min_share jsonb not null default '[]',
        add column duplicate_limits jsonb`)
    await runner.query(`alter table mined_asset add column reason jsonb`)
    await runner.query(`
      create table mined_duplicate (
        mining_task_id uuid not null references mining_task on delete cascade,
        number integer not null check (number > 0),
        asset_id text not null,
        of_asset_id text not null,
        likeness text not null check (likeness in ('IDENTICAL', 'PERCEPTUAL', 'EMBEDDING')),
        primary key (mining_task_id, number)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table mined_duplicate`)
    await runner.query(`alter table mined_asset drop column reason`)
    await runner.query(`
      alter table mining_task
        drop column strategies, drop column budget_boxes, drop column min_share, drop column duplicate_limits`)
  }
}

/** Rounds that run by themselves, and what each round brought and cost. */
class PlansAndRecords1700000004000 implements MigrationInterface {
  name = 'PlansAndRecords1700000004000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table plan (
        id uuid primary key,
        project_id uuid not null,
        name text not null,
        branch_of uuid references plan,
        settings jsonb not null,
        stop_rule jsonb not null,
        gates text[] not null,
        state text not null check (state in ('RUNNING', 'WAITING', 'PAUSED', 'STOPPED', 'FAILED', 'CANCELLED')),
        reason text,
        rounds_to_go integer check (rounds_to_go >= 0),
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3)
      )`)
    await runner.query(`create index plan_of_project on plan (project_id, created_at)`)
    await runner.query(`
      create unique index plan_of_own_rounds on plan (project_id) where branch_of is null and finished_at is null`)
    await runner.query(`
      alter table iteration
        add column plan_id uuid references plan,
        add column branch_id uuid references plan,
        add column record jsonb,
        drop constraint iteration_project_id_round_key`)
    await runner.query(`
      create unique index iteration_of_line on iteration (project_id, coalesce(branch_id, project_id), round)`)
    await runner.query(`create index iteration_of_plan on iteration (plan_id, round)`)
    await runner.query(`create index iteration_to_record on iteration (id) where record is null`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from iteration where branch_id is not null`)
    await runner.query(`drop index iteration_of_line, iteration_of_plan, iteration_to_record`)
    await runner.query(`
      alter table iteration
        drop column plan_id, drop column branch_id, drop column record, add unique (project_id, round)`)
    await runner.query(`drop table plan`)
  }
}

/** Which boxes count, and what an image without any is worth. */
class ImageRules1700000005000 implements MigrationInterface {
  name = 'ImageRules1700000005000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table mining_task
        add column aggregate_count integer not null default 3 check (aggregate_count > 0),
        add column score_without_detections double precision not null default 0 check (score_without_detections >= 0)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table mining_task drop column aggregate_count, drop column score_without_detections`)
  }
}

/** Why a plan is in its state was kept in words alone. */
class PlanCauses1700000006000 implements MigrationInterface {
  name = 'PlanCauses1700000006000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table plan add column cause text`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table plan drop column cause`)
  }
}

export const migrations = [
  MiningTasksAndIterations1700000001000,
  MiningChunks1700000002000,
  MinedReasons1700000003000,
  PlansAndRecords1700000004000,
  ImageRules1700000005000,
  PlanCauses1700000006000,
]
