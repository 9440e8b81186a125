import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Which images are alike, and which bytes nobody needs any more. */
export class Storage1700000160000 implements MigrationInterface {
  name = 'Storage1700000160000'

  async up(runner: QueryRunner): Promise<void> {
    // hash_number: in the order in which hashes were found, absent until the image was looked at; perceptual_hash: absent when that failed
    await runner.query(`create sequence hash_numbers`)
    await runner.query(`
      alter table assets add perceptual_hash bytea check (length(perceptual_hash) = 8), add hash_number bigint, add collected_at timestamptz(3)`)
    await runner.query(`create index assets_not_hashed on assets (id) where hash_number is null`)
    await runner.query(`create index assets_hashed on assets (hash_number) where perceptual_hash is not null`)
    await runner.query(`
      create table unreachable_blobs (
        sha256 bytea primary key check (length(sha256) = 32),
        kind text not null check (kind in ('IMAGE', 'MANIFEST')),
        size bigint not null,
        since timestamptz(3) not null
      )`)
    await runner.query(`create index version_pages_page on version_pages (page_hash)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index version_pages_page`)
    await runner.query(`drop table unreachable_blobs`)
    await runner.query(`alter table assets drop perceptual_hash, drop hash_number, drop collected_at`)
    await runner.query(`drop sequence hash_numbers`)
  }
}
