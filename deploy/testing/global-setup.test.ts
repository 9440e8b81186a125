import { connect } from 'nats'
import pg from 'pg'
import { expect, inject, it } from 'vitest'

it('gives tests a real PostgreSQL, in the environment and by inject', async () => {
  expect(process.env.YMIR_TEST_DATABASE_URL).toBe(inject('databaseUrl'))
  const client = new pg.Client({ connectionString: inject('databaseUrl') })
  await client.connect()
  const { rows } = await client.query('select upper($1) as upper, current_database() as database', ['çà'])
  await client.end()
  expect(rows).toEqual([{ upper: 'ÇÀ', database: 'ymir' }])
})

it('gives tests a real nats-server with JetStream that refuses strangers', async () => {
  expect(process.env.YMIR_TEST_NATS_URL).toBe(inject('natsUrl'))
  const { host, username, password } = new URL(inject('natsUrl'))
  const connection = await connect({ servers: host, user: username, pass: password })
  const manager = await connection.jetstreamManager()
  expect((await manager.getAccountInfo()).streams).toBeGreaterThanOrEqual(0)
  await connection.close()
  await expect(connect({ servers: host, maxReconnectAttempts: 0 })).rejects.toThrow(/Authorization/)
})
