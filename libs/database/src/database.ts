import 'reflect-metadata'
import pg from 'pg'
import { DataSource, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm'

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string
  /** The one schema that this service owns. */
  readonly schema: string
  readonly entities: readonly EntityTarget<ObjectLiteral>[]
  readonly migrations: readonly (new () => MigrationInterface)[]
  /** Connections at most; 8 by default. */
  readonly poolSize?: number
}

/**
 * Opens a service's schema: makes it when it is missing and runs the migrations that have not run, one process at a time.
 * Queries see this schema first, so SQL needs no schema names.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  if (!/^[a-z_][a-z0-9_]*$/.test(options.schema))
    throw new Error(`"${options.schema}" is no name for a schema`)
  const migrationLock = new pg.Client({ connectionString: options.url })
  await migrationLock.connect()
  try {
    await migrationLock.query('select pg_advisory_lock(hashtext($1))', [`ymir migrations ${options.schema}`])
    await migrationLock.query(`create schema if not exists "${options.schema}"`)
    const database = new DataSource({
      type: 'postgres',
      url: options.url,
      schema: options.schema,
      entities: [...options.entities] as never[], // TypeORM wants a mutable array of its own union type
      migrations: [...options.migrations],
      migrationsTableName: 'migrations',
      poolSize: options.poolSize ?? 8,
      extra: { options: `-c search_path=${options.schema}` },
    })
    await database.initialize()
    await database.runMigrations({ transaction: 'each' })
    return database
  } finally {
    await migrationLock.end()
  }
}
