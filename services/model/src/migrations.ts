import type { MigrationInterface, QueryRunner } from 'typeorm'

class ModelsEvaluationsInferences1700000001000 implements MigrationInterface {
  name = 'ModelsEvaluationsInferences1700000001000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table model (
        id uuid primary key,
        project_id uuid not null,
        name text not null,
        state text not null check (state in ('TRAINING', 'EVALUATING', 'READY', 'FAILED', 'CANCELLED')),
        problem text,
        job_id uuid not null unique,
        classes text[] not null,
        training_version_id uuid not null,
        test_version_id uuid not null,
        start_stage_id uuid,
        executor_image_id uuid not null,
        parameters jsonb not null,
        gpu_count integer not null,
        best_stage_id uuid,
        map50 double precision,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3),
        unique (project_id, name)
      )`)
    await runner.query(`create index model_of_project on model (project_id, created_at, id)`)
    await runner.query(`create index model_of_training_version on model (training_version_id)`)
    await runner.query(`
      create table model_stage (
        id uuid primary key,
        model_id uuid not null references model on delete cascade,
        name text not null,
        reported_map double precision,
        metrics jsonb not null,
        files jsonb not null,
        best boolean not null,
        saved_at timestamptz(3) not null,
        unique (model_id, name)
      )`)
    await runner.query(`
      create table evaluation (
        id uuid primary key,
        project_id uuid not null,
        stage_id uuid not null references model_stage on delete cascade,
        version_id uuid not null,
        job_id uuid not null unique,
        of_training boolean not null,
        state text not null check (state in ('RUNNING', 'SUCCEEDED', 'FAILED')),
        problem text,
        predictions_sha256 text,
        map50 double precision,
        map double precision,
        result jsonb,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3)
      )`)
    await runner.query(`create index evaluation_of_stage on evaluation (stage_id)`)
    await runner.query(`create index evaluation_of_version on evaluation (version_id)`)
    await runner.query(`
      create table inference (
        id uuid primary key,
        project_id uuid not null,
        stage_id uuid not null references model_stage on delete cascade,
        job_id uuid not null unique,
        state text not null check (state in ('RUNNING', 'SUCCEEDED', 'FAILED')),
        problem text,
        photos jsonb not null,
        predictions_sha256 text,
        created_by text not null,
        created_at timestamptz(3) not null default now(),
        finished_at timestamptz(3)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table inference, evaluation, model_stage, model`)
  }
}

class ImageOfTraining1700000001100 implements MigrationInterface {
  name = 'ImageOfTraining1700000001100'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table model add image_digest text`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table model drop image_digest`)
  }
}

export const migrations = [ModelsEvaluationsInferences1700000001000, ImageOfTraining1700000001100]
