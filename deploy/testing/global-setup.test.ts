import { connect } from 'nats'
import pg from 'pg'
import { expect, inject, it, onTestFinished } from 'vitest'

it('gives tests a real PostgreSQL, in the environment and by inject', async () => {
  expect(process.env.YMIR_TEST_DATABASE_URL).toBe(inject('databaseUrl'))
  const client = new pg.Client({ connectionString: inject('databaseUrl') })
  await client.connect()
  const { rows } = await client.query('select upper($1) as upper, current_database() as database', ['çà'])
  await client.end()
  expect(rows).toEqual([{ upper: 'ÇÀ', database: 'ymir' }])
})

it('gives tests a real nats-server with JetStream that refuses strangers', async () => {
  const { host, username, password } = new URL(process.env.YMIR_TEST_NATS_URL ?? '')
  const connection = await connect({ servers: host, user: username, pass: password })
  const manager = await connection.jetstreamManager()
  expect((await manager.getAccountInfo()).streams).toBeGreaterThanOrEqual(0)
  await connection.close()
  await expect(connect({ servers: host, maxReconnectAttempts: 0 })).rejects.toThrow(/Authorization/)
})

it('gives each test file streams of its own', async () => {
  const urls = Object.values(inject('natsUrls'))
  const other = urls.find((url) => url !== process.env.YMIR_TEST_NATS_URL) ?? ''
  const [ours, theirs] = await Promise.all([process.env.YMIR_TEST_NATS_URL ?? '', other].map(manageStreams))

  await ours?.streams.add({ name: 'of-this-file', subjects: ['here.>'] })
  await expect(theirs?.streams.info('of-this-file')).rejects.toThrow(/stream not found/)
})

async function manageStreams(url: string) {
  const { host, username, password } = new URL(url)
  const connection = await connect({ servers: host, user: username, pass: password })
  onTestFinished(() => connection.close())
  return connection.jetstreamManager()
}
