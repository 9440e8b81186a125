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

export const migrations = [ImagesAndJobs1700000002000, SecretsTagsAndMemory1700000002300]
