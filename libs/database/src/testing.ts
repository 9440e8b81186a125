import { randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import { openDatabase, type DatabaseOptions } from './database.ts'

/**
 * A fresh schema in the tests' PostgreSQL (YMIR_TEST_DATABASE_URL), dropped on close.
 * @param name start of the schema's name
 */
export async function openTestDatabase(
  name: string,
  options: Pick<DatabaseOptions, 'entities' | 'migrations'>,
): Promise<{ database: DataSource; url: string; schema: string; close: () => Promise<void> }> {
  const url = process.env.YMIR_TEST_DATABASE_URL
  if (!url)
    throw new Error(
      'YMIR_TEST_DATABASE_URL is not set: run the tests with vitest from the root, which starts PostgreSQL',
    )
  const schema = `${name}_${randomBytes(4).toString('hex')}`
  const database = await openDatabase({ url, schema, ...options })
  return {
    database,
    url,
    schema,
    close: async () => {
      await database.query(`drop schema "${schema}" cascade`)
      await database.destroy()
    },
  }
}
