import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, samePort } from './processes.ts'

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { server, port: (server.address() as AddressInfo).port }
}

it('keeps the port that a killed server still holds for a moment', async () => {
  const { server, port } = await listening()
  const found = samePort(port)
  setTimeout(() => server.close(), 200)
  expect(await found).toBe(port)
})

it('takes another when a stranger holds the port', async () => {
  const { port } = await listening()
  expect(await samePort(port)).not.toBe(port)
})

it('gives nobody the port that it gave to another, who may not listen yet', async () => {
  const ports = await Promise.all(Array.from({ length: 1_000 }, () => freePort()))
  expect(new Set(ports).size).toBe(ports.length)
})
