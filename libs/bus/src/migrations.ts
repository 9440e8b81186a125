import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The outbox and the inbox of a service, in the service's own schema. */
class Bus1700000000000 implements MigrationInterface {
  name = 'Bus1700000000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        position bigserial primary key,
        id uuid not null unique,
        subject text not null,
        type text not null,
        project_id text not null,
        entity_id text not null,
        actor_id text not null,
        data jsonb not null,
        occurred_at timestamptz not null default clock_timestamp(),
        published_at timestamptz
      )`)
    await runner.query(`create index outbox_unpublished on outbox (position) where published_at is null`)
    await runner.query(`create index outbox_occurred on outbox (occurred_at)`)
    // which life of the stream the published rows were published to
    await runner.query(
      `create table relay (only_row boolean primary key default true check (only_row), stream_created text)`,
    )
    await runner.query(
      `create table inbox (event_id uuid primary key, handled_at timestamptz not null default now())`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table inbox, relay, outbox`)
  }
}

export const busMigrations = [Bus1700000000000]
