import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How long images take, what reviewers said of whose answers, and drafts. */
export class Pace1700000180000 implements MigrationInterface {
  name = 'Pace1700000180000'

  async up(runner: QueryRunner): Promise<void> {
    // claimed_at: stays when the image is answered, so that it tells how long that took
    await runner.query(`alter table labelling_items add claimed_at timestamptz(3), add draft jsonb`)
    await runner.query(`
      create index labelling_items_answers on labelling_items (answered_by, answered_at)
        where answered_by is not null`)
    await runner.query(`
      create table labelling_reviews (
        id bigint generated always as identity primary key,
        task_id uuid not null references labelling_tasks on delete cascade,
        item_id uuid not null references labelling_items on delete cascade,
        labeller text not null,
        accepted boolean not null,
        reviewed_at timestamptz(3) not null default now()
      )`)
    await runner.query(`create index labelling_reviews_of_task on labelling_reviews (task_id)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table labelling_reviews`)
    await runner.query(`drop index labelling_items_answers`)
    await runner.query(`alter table labelling_items drop claimed_at, drop draft`)
  }
}
