import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Names for versions of a dataset. */
export class Tags1700000131000 implements MigrationInterface {
  name = 'Tags1700000131000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table version_tags (
        dataset_id uuid not null references datasets,
        name text not null,
        version_id uuid not null references dataset_versions,
        protected boolean not null,
        set_at timestamptz(3) not null,
        set_by text not null,
        primary key (dataset_id, name)
      )`)
    await runner.query('create unique index version_tags_name on version_tags (dataset_id, lower(name))')
    await runner.query('create index version_tags_version on version_tags (version_id)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table version_tags')
  }
}
