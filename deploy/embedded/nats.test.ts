import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from 'nats'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findNats, startNats } from './nats.ts'
import type { RunningServer } from './postgres.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ymir-nats-test-'))
})

afterEach(async () => {
  await (await findNats(home))?.stop()
  rmSync(home, { recursive: true, force: true })
})

function open({ url }: RunningServer): Promise<NatsConnection> {
  const { host, username, password } = new URL(url)
  return connect({ servers: host, user: username, pass: password })
}

it('adopts a nats-server that runs already', async () => {
  const first = await startNats({ home })
  const second = await startNats({ home })
  expect(second).toMatchObject({ pid: first.pid, url: first.url, adopted: true })
  await second.stop()
  expect(first.isAlive()).toBe(false)
})

it('has its streams again after kill -9, on the same port', async () => {
  const first = await startNats({ home })
  const connection = await open(first)
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] })
  await connection.jetstream().publish('kept.one', 'bytes')
  await connection.close()
  process.kill(first.pid, 'SIGKILL')
  await waitUntil('the server to be gone', () => !first.isAlive())

  const second = await startNats({ home })
  expect(second).toMatchObject({ port: first.port, adopted: false })
  const again = await open(second)
  const stream = await (await again.jetstreamManager()).streams.info('KEPT')
  expect(stream.state.messages).toBe(1)
  await again.close()
})

it('does not show its password on the command line', async () => {
  const { pid, url } = await startNats({ home })
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(new URL(url).password)
})
