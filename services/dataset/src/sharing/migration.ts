import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Datasets that everyone in the workspace may read. */
export class Sharing1700000130000 implements MigrationInterface {
  name = 'Sharing1700000130000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table datasets add public boolean not null default false')
    await runner.query('create index datasets_public on datasets (created_at, id) where public')
    await runner.query('create index version_parents_parent on version_parents (parent_id)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index version_parents_parent')
    await runner.query('alter table datasets drop public')
  }
}
