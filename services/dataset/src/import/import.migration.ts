import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Imports from other places than uploads, what an unfinished import has stored, and predictions that files bring along. */
export class ImportSources1700000150000 implements MigrationInterface {
  name = 'ImportSources1700000150000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table imports
        add source jsonb,
        add format text,
        add advance jsonb`)
    await runner.query(`
      update imports set source = jsonb_build_object('kind', 'UPLOAD', 'uploadId', upload_id)`)
    await runner.query('alter table imports alter source set not null, drop upload_id')
    // json, not jsonb: read once, as written
    await runner.query(`
      create table import_batches (
        import_id uuid not null references imports on delete cascade,
        number integer not null,
        serials bigint[] not null,
        names text[] not null,
        problems json not null,
        predictions json not null,
        checkpoint json not null,
        primary key (import_id, number)
      )`)
    await runner.query(`
      create table prediction_sets (
        id uuid primary key,
        version_id uuid not null references dataset_versions,
        source_kind text not null,
        source_id text not null,
        blob_sha256 text not null,
        blob_size bigint not null,
        asset_count integer not null,
        prediction_count integer not null,
        created_at timestamptz(3) not null
      )`)
    await runner.query('create index prediction_sets_version on prediction_sets (version_id)')
    // where in the blob the line of an asset is
    await runner.query(`
      create table prediction_lines (
        set_id uuid not null references prediction_sets on delete cascade,
        asset_id bytea not null,
        start bigint not null,
        length integer not null,
        primary key (set_id, asset_id)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table prediction_lines, prediction_sets, import_batches')
    await runner.query(`
      alter table imports add upload_id text not null default '', drop source, drop format, drop advance`)
  }
}
