import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Three-way merges with what people decide about their conflicts. */
export class Merges1700000132000 implements MigrationInterface {
  name = 'Merges1700000132000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table merges (
        id uuid primary key,
        project_id uuid not null references projects,
        dataset_id uuid not null references datasets,
        ours_id uuid not null references dataset_versions,
        theirs_id uuid not null references dataset_versions,
        base_id uuid not null references dataset_versions,
        state text not null,
        note text,
        version_id uuid references dataset_versions,
        created_at timestamptz(3) not null,
        created_by text not null,
        finished_at timestamptz(3)
      )`)
    await runner.query('create index merges_dataset on merges (dataset_id, created_at, id)')
    await runner.query(`
      create table merge_conflicts (
        merge_id uuid not null references merges,
        key text not null,
        conflict jsonb not null,
        resolution jsonb,
        primary key (merge_id, key)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table merge_conflicts, merges')
  }
}
