import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from './home.ts'
import { environmentOf, platformServices } from './supervisor/services.ts'

const Service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})
const Compose = z.object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) })

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
const { services } = Compose.parse(parse(text, { merge: true }))
const names = platformServices.map(({ name }) => name)

it.each(names)('compose runs %s with the same environment as the launcher', (name) => {
  const ports = new Map(names.map((each) => [each, 1]))
  const surroundings = { home: '/tmp', databaseUrl: '', natsUrl: '', ports, gatewayHost: '', secret: '' }
  const told = services[name]?.environment ?? {}
  expect(Object.keys(told)).toEqual(expect.arrayContaining(Object.keys(environmentOf(name, surroundings))))
  expect(told.YMIR_SERVICE).toBe(name)
  expect(services[name]?.command).toEqual([`programs/${name}.mjs`])
})

it('compose addresses every service by its name and port', () => {
  const gateway = services.gateway?.environment ?? {}
  const addresses = names
    .filter((name) => name !== 'gateway')
    .map((name) => [name, gateway[`YMIR_${name.toUpperCase()}_URL`]])
  expect(addresses).toEqual(
    addresses.map(([name]) => [name, `http://${name}:${services[name ?? '']?.environment?.YMIR_PORT}`]),
  )
  expect(gateway.YMIR_GATEWAY_URL).toBe(`http://gateway:${gateway.YMIR_PORT}`)
})

it('compose has PostgreSQL, NATS and a health check for every program that stays', () => {
  expect(services).toHaveProperty('postgres')
  expect(services).toHaveProperty('nats')
  for (const name of [...names, 'postgres', 'nats'])
    expect(services[name]?.healthcheck?.test, name).toBeDefined()
})

it('compose opens nothing to other machines and writes no secret down', () => {
  const ports = Object.values(services).flatMap((service) => service.ports ?? [])
  expect(ports).toHaveLength(1)
  expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  for (const secret of ['YMIR_SECRET', 'POSTGRES_PASSWORD', 'NATS_PASSWORD'])
    expect(text).toContain(`\${${secret}:?`)
})

it('the container engine’s socket is the proxy’s alone', () => {
  const holders = Object.entries(services).filter(([, { volumes }]) =>
    volumes?.some((one) => one.includes('.sock')),
  )
  expect(holders.map(([name]) => name)).toEqual(['engine'])
  const neighbours = Object.entries(services).filter(([, { networks }]) => networks?.includes('engine'))
  expect(neighbours.map(([name]) => name).toSorted()).toEqual(['engine', 'executor'])
})

it('what compose builds is there', () => {
  for (const { build } of Object.values(services)) {
    if (build) expect(existsSync(join(root, build.context, build.dockerfile))).toBe(true)
  }
})
