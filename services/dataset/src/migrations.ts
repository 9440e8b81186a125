import type { MigrationInterface, QueryRunner } from 'typeorm'
import { EntryIndex1700000120000 } from './index/entry-index.migration.ts'
import { Lineage1700000133000 } from './lineage/migration.ts'
import { Merges1700000132000 } from './merge/migration.ts'
import { PredictionScores1700000190000 } from './prediction/score.migration.ts'
import { Sharing1700000130000 } from './sharing/migration.ts'
import { Tags1700000131000 } from './tag/migration.ts'
import { Storage1700000160000 } from './storage/storage.migration.ts'
import { ImportSources1700000150000 } from './import/import.migration.ts'

class Initial1700000100000 implements MigrationInterface {
  name = 'Initial1700000100000'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...labelsAndProjects, ...content, ...versions, ...imports])
      await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table imports, version_requests, version_pages, version_parents, pages, dataset_versions, datasets,
        entry_marks, entries, annotation_sets, assets, label_names, labels, projects`)
  }
}

/** What is said of an image as a whole, and the names under which images came. */
class ImageFacts1700000110000 implements MigrationInterface {
  name = 'ImageFacts1700000110000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table annotation_sets add tags jsonb not null default '[]', add metadata jsonb not null default '{}'`)
    await runner.query(`
      create table asset_names (
        asset_id bytea not null references assets,
        name text not null,
        primary key (asset_id, name)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table asset_names')
    await runner.query('alter table annotation_sets drop tags, drop metadata')
  }
}

const labelsAndProjects = [
  `create table labels (
    id uuid primary key,
    name text not null,
    aliases text[] not null,
    color text not null,
    created_at timestamptz(3) not null
  )`,
  // every name and alias in the form in which names are compared
  `create table label_names (key text primary key, label_id uuid not null references labels on delete cascade)`,
  `create table projects (
    id uuid primary key,
    name text not null,
    description text not null,
    classes text[] not null,
    created_at timestamptz(3) not null,
    created_by uuid not null
  )`,
  `create index projects_created on projects (created_at, id)`,
]

/** Stored once for the whole workspace, whatever versions hold it. */
const content = [
  `create table assets (
    id bytea primary key check (length(id) = 32),
    format text not null,
    width integer not null,
    height integer not null,
    size bigint not null,
    created_at timestamptz(3) not null default now()
  )`,
  `create table annotation_sets (
    hash bytea primary key check (length(hash) = 32),
    annotations jsonb not null,
    summary jsonb not null
  )`,
  // serials have no gaps: they are places in bitmaps
  `create table entries (
    serial bigint primary key,
    asset_id bytea not null references assets,
    annotation_set bytea not null references annotation_sets,
    unique (asset_id, annotation_set)
  )`,
  // bitmaps over all entries: mark 'label <name>' or 'several' (the entry's asset has other entries too)
  `create table entry_marks (
    mark text not null,
    page_number integer not null,
    bits bytea not null,
    primary key (mark, page_number)
  )`,
]

const versions = [
  `create table datasets (
    id uuid primary key,
    project_id uuid not null references projects,
    name text not null,
    created_at timestamptz(3) not null
  )`,
  `create unique index datasets_name on datasets (project_id, lower(name))`,
  `create table dataset_versions (
    id uuid primary key,
    dataset_id uuid not null references datasets,
    project_id uuid not null references projects,
    number integer not null,
    operation text not null,
    parameters jsonb not null,
    seed float8,
    note text,
    root text not null,
    asset_count integer not null,
    annotation_count integer not null,
    negative_count integer not null,
    statistics jsonb not null,
    manifest_sha256 text,
    manifest_size bigint,
    created_at timestamptz(3) not null,
    created_by text not null,
    unique (dataset_id, number)
  )`,
  `create table version_parents (
    version_id uuid not null references dataset_versions,
    position integer not null,
    parent_id uuid not null references dataset_versions,
    primary key (version_id, position)
  )`,
  `create table pages (
    hash bytea primary key,
    number integer not null,
    bits bytea not null,
    fingerprint bytea not null,
    statistics jsonb not null
  )`,
  `create table version_pages (
    version_id uuid not null references dataset_versions,
    page_number integer not null,
    page_hash bytea not null references pages,
    primary key (version_id, page_number)
  )`,
  // versions asked for by events and not yet made
  `create table version_requests (
    version_id uuid primary key,
    request jsonb not null,
    attempts integer not null default 0,
    created_at timestamptz(3) not null
  )`,
]

const imports = [
  `create table imports (
    id uuid primary key,
    project_id uuid not null references projects,
    dataset_id uuid not null references datasets,
    upload_id text not null,
    policy jsonb not null,
    state text not null,
    progress float8 not null,
    version_id uuid references dataset_versions,
    problem text,
    report jsonb,
    created_at timestamptz(3) not null,
    finished_at timestamptz(3),
    created_by uuid not null
  )`,
  `create index imports_unfinished on imports (created_at) where state in ('QUEUED', 'RUNNING')`,
  `create index imports_dataset on imports (dataset_id)`,
]

export const migrations = [
  Initial1700000100000,
  ImageFacts1700000110000,
  EntryIndex1700000120000,
  Sharing1700000130000,
  Tags1700000131000,
  Merges1700000132000,
  Lineage1700000133000,
  ImportSources1700000150000,
  Storage1700000160000,
  PredictionScores1700000190000,
]
