import type { MigrationInterface, QueryRunner } from 'typeorm'

class ImagesAndJobs1700000002000 implements MigrationInterface {
  name = 'ImagesAndJobs1700000002000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table executor_images (
        id uuid primary key,
        name text not null unique,
        driver text not null check (driver in ('process', 'docker')),
        reference text not null,
        digest text,
        kinds text[] not null,
        object_types integer[] not null,
        training_template jsonb,
        mining_template jsonb,
        inference_template jsonb,
        enabled boolean not null default true,
        built_in boolean not null default false,
        created_at timestamptz(3) not null default now()
      )`)
    await runner.query(`
      create table jobs (
        id uuid primary key,
        serial bigserial unique,
        project_id text not null,
        executor_image_id text not null,
        kinds text[] not null,
        state text not null check
          (state in ('QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        request jsonb not null,
        gpu_count integer not null check (gpu_count >= 0),
        priority integer not null,
        actor_id text not null,
        slots text[] not null,
        progress double precision not null,
        message text,
        failure jsonb,
        result jsonb,
        cancel_requested boolean not null,
        log_offset bigint not null,
        scalar_offsets jsonb not null,
        queued_at timestamptz(3) not null,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        swept_at timestamptz(3)
      )`)
    await runner.query(`create index jobs_project on jobs (project_id, queued_at desc, id desc)`)
    await runner.query(
      `create index jobs_unfinished on jobs (serial) where state in ('QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING')`,
    )
    await runner.query(`create index jobs_unswept on jobs (finished_at) where swept_at is null`)
    await runner.query(`
      create table job_stages (
        job_id uuid not null references jobs on delete cascade,
        name text not null,
        metrics jsonb not null,
        saved_at timestamptz(3) not null,
        best boolean not null,
        files jsonb not null,
        signature text not null,
        primary key (job_id, name)
      )`)
    await runner.query(`
      create table job_scalars (
        job_id uuid not null references jobs on delete cascade,
        tag text not null,
        step bigint not null,
        value double precision not null,
        wall_time double precision not null,
        primary key (job_id, tag, step)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table job_scalars, job_stages, jobs, executor_images`)
  }
}

class Attempts1700000002400 implements MigrationInterface {
  name = 'Attempts1700000002400'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table jobs add column attempt integer not null default 1`)
    await runner.query(`alter table jobs add column retry_of uuid`)
    await runner.query(`create unique index jobs_retry_of on jobs (retry_of) where retry_of is not null`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table jobs drop column attempt, drop column retry_of`)
  }
}

class SlurmImages1700000002500 implements MigrationInterface {
  name = 'SlurmImages1700000002500'

  async up(runner: QueryRunner): Promise<void> {
    await this.allow(runner, `'process', 'docker', 'slurm'`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.allow(runner, `'process', 'docker'`)
  }

  private async allow(runner: QueryRunner, drivers: string): Promise<void> {
    await runner.query(`
      alter table executor_images
        drop constraint executor_images_driver_check,
        add constraint executor_images_driver_check check (driver in (${drivers}))`)
  }
}

/** Images that are pulled behind their registration, their revisions, who may use them and how they run. */
class PulledImages1700000002100 implements MigrationInterface {
  name = 'PulledImages1700000002100'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table executor_images
        add state text not null default 'READY' check (state in ('PULLING', 'READY', 'FAILED')),
        add progress double precision not null default 1,
        add problem jsonb,
        add report jsonb not null default '[]',
        add shared boolean not null default true,
        add asks_for_network boolean not null default false,
        add network_allowed boolean not null default false,
        add container_user text`)
    await runner.query(`
      create table executor_image_revisions (
        executor_image_id uuid not null references executor_images on delete cascade,
        digest text not null,
        kinds text[] not null,
        object_types integer[] not null,
        training_template jsonb,
        mining_template jsonb,
        inference_template jsonb,
        asks_for_network boolean not null,
        created_at timestamptz(3) not null,
        primary key (executor_image_id, digest)
      )`)
    await runner.query(`
      insert into executor_image_revisions
      select id, digest, kinds, object_types, training_template, mining_template, inference_template, false, created_at
      from executor_images where digest is not null`)
    await runner.query(`
      create table registry_credentials (
        registry text primary key,
        sealed bytea not null,
        set_at timestamptz(3) not null,
        set_by text not null
      )`)
    await runner.query(`alter table jobs add image_digest text`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table jobs drop image_digest`)
    await runner.query(`drop table registry_credentials, executor_image_revisions`)
    await runner.query(`
      alter table executor_images
        drop state, drop progress, drop problem, drop report, drop shared, drop asks_for_network, drop network_allowed,
        drop container_user`)
  }
}

class QueuePlaces1700000002200 implements MigrationInterface {
  name = 'QueuePlaces1700000002200'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table jobs add column rank double precision, add column turn_of text`)
    await runner.query(`
      create table project_job_limits (
        project_id text primary key,
        job_limit integer check (job_limit >= 0)
      )`)
    await runner.query(
      `create index jobs_started on jobs (project_id, started_at) where started_at is not null`,
    )
    await runner.query(`create index jobs_succeeded on jobs (finished_at desc) where state = 'SUCCEEDED'`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index jobs_succeeded, jobs_started`)
    await runner.query(`drop table project_job_limits`)
    await runner.query(`alter table jobs drop column rank, drop column turn_of`)
  }
}

class SecretsTagsAndMemory1700000002300 implements MigrationInterface {
  name = 'SecretsTagsAndMemory1700000002300'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table secrets (
        name text primary key,
        sealed bytea not null,
        registered_at timestamptz(3) not null
      )`)
    await runner.query(`
      create table job_tags (
        job_id uuid not null references jobs on delete cascade,
        run text not null,
        tag text not null,
        kind text not null check (kind in ('SCALAR', 'IMAGE', 'TEXT', 'OTHER')),
        primary key (job_id, run, tag)
      )`)
    await runner.query(`alter table jobs add column peak_memory_bytes bigint`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table jobs drop column peak_memory_bytes`)
    await runner.query(`drop table job_tags, secrets`)
  }
}

/** Images may say that they tell what they see. */
class MiningDetails1700000002600 implements MigrationInterface {
  name = 'MiningDetails1700000002600'

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['executor_images', 'executor_image_revisions'])
      await runner.query(`alter table ${table} add tells_details boolean not null default false`)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['executor_images', 'executor_image_revisions'])
      await runner.query(`alter table ${table} drop tells_details`)
  }
}

export const migrations = [
  ImagesAndJobs1700000002000,
  PulledImages1700000002100,
  QueuePlaces1700000002200,
  SecretsTagsAndMemory1700000002300,
  Attempts1700000002400,
  SlurmImages1700000002500,
  MiningDetails1700000002600,
]
