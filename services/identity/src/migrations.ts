import type { MigrationInterface, QueryRunner } from 'typeorm'
import { VendorKeys1795900000000 } from './vendor/vendor-key.migration.ts'

/** Timestamps are `timestamptz(3)`: JavaScript's milliseconds, so that a cursor made of one finds its row again. */
class Initial1795392000000 implements MigrationInterface {
  name = 'Initial1795392000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table users (
        id uuid primary key,
        email text not null unique,
        name text not null,
        role text not null check (role in ('ADMINISTRATOR', 'MEMBER')),
        password_hash text not null,
        created_at timestamptz(3) not null default now()
      )`)
    await runner.query(`create index users_created on users (created_at, id)`)
    await runner.query(`
      create table settings (
        only_row boolean primary key default true check (only_row),
        sign_up_open boolean not null default true
      )`)
    await runner.query(`insert into settings default values`)
    await runner.query(`
      create table sessions (
        id uuid primary key,
        user_id uuid not null references users on delete cascade,
        token_sha256 bytea not null unique,
        created_at timestamptz(3) not null default now(),
        expires_at timestamptz(3) not null,
        last_used_at timestamptz(3)
      )`)
    await runner.query(`create index sessions_of_user on sessions (user_id)`)
    await runner.query(`create index sessions_expiring on sessions (expires_at)`)
    await runner.query(`
      create table attempts (
        position bigserial primary key,
        about text not null,
        attempted_at timestamptz(3) not null default clock_timestamp()
      )`)
    await runner.query(`create index attempts_about on attempts (about, attempted_at)`)
    await runner.query(`create index attempts_old on attempts (attempted_at)`)
    await runner.query(`
      create table api_keys (
        id uuid primary key,
        user_id uuid not null references users on delete cascade,
        name text not null,
        scopes text[] not null,
        token_sha256 bytea not null unique,
        created_at timestamptz(3) not null default now(),
        expires_at timestamptz(3),
        last_used_at timestamptz(3)
      )`)
    await runner.query(`create index api_keys_of_user on api_keys (user_id)`)
    await runner.query(`
      create table memberships (
        project_id uuid not null,
        user_id uuid not null references users on delete cascade,
        role text not null check (role in ('OWNER', 'EDITOR', 'ANNOTATOR', 'VIEWER')),
        since timestamptz(3) not null default now(),
        primary key (project_id, user_id)
      )`)
    await runner.query(`create index memberships_of_user on memberships (user_id)`)
    await runner.query(`
      create table audit_entries (
        position bigserial primary key,
        at timestamptz(3) not null default now(),
        actor_id text not null,
        action text not null,
        about text not null,
        details jsonb not null
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table audit_entries, memberships, api_keys, attempts, sessions, settings, users`)
  }
}

export const migrations = [Initial1795392000000, VendorKeys1795900000000]
