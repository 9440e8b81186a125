import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What other services made of versions, and what they made versions of; parents stay in version_parents. */
export class Lineage1700000133000 implements MigrationInterface {
  name = 'Lineage1700000133000'

  async up(runner: QueryRunner): Promise<void> {
    // no foreign keys: most ends are other services' things
    await runner.query(`
      create table lineage_edges (
        from_kind text not null,
        from_id uuid not null,
        to_kind text not null,
        to_id uuid not null,
        role text not null,
        project_id uuid not null,
        primary key (from_kind, from_id, to_kind, to_id, role)
      )`)
    await runner.query('create index lineage_edges_to on lineage_edges (to_kind, to_id)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table lineage_edges')
  }
}
