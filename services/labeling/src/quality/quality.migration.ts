import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Gold images, second answers, what an answer started from and what it changed. */
export class Quality1700000210000 implements MigrationInterface {
  name = 'Quality1700000210000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table labelling_tasks
        add gold_version_id uuid,
        add gold_count integer not null default 0,
        add overlap double precision not null default 0,
        add mixing_seed bigint`)
    await runner.query(`
      alter table labelling_items
        add in_result boolean not null default true,
        add known_annotations jsonb,
        add start_annotations jsonb,
        add given_annotations jsonb,
        add difference jsonb,
        add answered_by_vendor uuid`)
    await runner.query(`
      update labelling_items as item set answered_by_vendor = task.vendor_id
        from labelling_tasks as task
       where task.id = item.task_id and task.vendor_id is not null
         and item.answered_at is not null and item.answered_by is null`)
    // an image twice: once in the result, once beside it; deferrable, so that one statement can change which is which
    await runner.query(`
      alter table labelling_items
        drop constraint labelling_items_task_id_asset_id_key,
        add constraint labelling_items_of_asset unique (task_id, asset_id, in_result) deferrable`)
    await runner.query(`
      create index labelling_items_known on labelling_items (task_id) where known_annotations is not null`)
    await runner.query(`
      create index labelling_items_second on labelling_items (task_id, asset_id)
        where not in_result and known_annotations is null`)
    await runner.query(`
      create index labelling_items_of_vendor on labelling_items (answered_by_vendor, answered_at)
        where answered_by_vendor is not null`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from labelling_items where not in_result`)
    await runner.query(`drop index labelling_items_known, labelling_items_second, labelling_items_of_vendor`)
    await runner.query(`
      alter table labelling_items
        drop constraint labelling_items_of_asset,
        add unique (task_id, asset_id)`)
    await runner.query(`
      alter table labelling_items
        drop in_result, drop known_annotations, drop start_annotations, drop given_annotations,
        drop difference, drop answered_by_vendor`)
    await runner.query(`
      alter table labelling_tasks
        drop gold_version_id, drop gold_count, drop overlap, drop mixing_seed`)
  }
}
