import type { MigrationInterface, QueryRunner } from 'typeorm'

export class VendorKeys1795900000000 implements MigrationInterface {
  name = 'VendorKeys1795900000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table vendor_keys (
        id uuid primary key,
        vendor_id uuid not null,
        token_sha256 bytea not null unique,
        created_at timestamptz(3) not null default now(),
        expires_at timestamptz(3)
      )`)
    await runner.query(`create index vendor_keys_of_vendor on vendor_keys (vendor_id)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table vendor_keys`)
  }
}
