import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../home.ts'
import { packPrograms } from './programs.ts'
import type { ServiceDescription } from './services.ts'

// Inside the checkout, where packages are found; out of the way of the platform's own packing.
let folder: string
let services: ServiceDescription[]
const said: string[] = []

beforeAll(() => {
  mkdirSync(join(root, 'node_modules', '.cache', 'ymir'), { recursive: true })
  folder = mkdtempSync(join(root, 'node_modules', '.cache', 'ymir', 'programs-test-'))
  const source = (name: string, lines: string[]) => writeFileSync(join(folder, name), lines.join('\n') + '\n')
  source('one.ts', ['export class Label {}'])
  source('two.ts', ['export class Label {}'])
  source('main.ts', [
    `import 'reflect-metadata'`,
    `import { existsSync } from 'node:fs'`,
    `import { Worker } from 'node:worker_threads'`,
    `import { printSubgraphSchema } from '@apollo/subgraph'`,
    `import { buildSchema } from 'graphql'`,
    `import { ObjectType } from 'type-graphql'`,
    `import { Label as One } from './one.ts'`,
    `import { Label as Two } from './two.ts'`,
    `@ObjectType() class Brick {}`,
    `const beside = existsSync(new URL('./two.ts', import.meta.url))`,
    `const printed = printSubgraphSchema(buildSchema('type Query { bricks: Int }'))`,
    `const late = Object.keys(await import('class-validator')).includes('validateOrReject')`,
    `const thread = new Worker(new URL('./brick-worker.mjs', import.meta.url))`,
    `thread.once('message', (word) => console.log(JSON.stringify({`,
    `  names: [One.name, Two.name, new Brick().constructor.name], beside, printed, late, word })))`,
  ])
  source('brick-worker.mjs', [`throw new Error('run from source')`])
  source('brick-worker.ts', [
    `import { parentPort } from 'node:worker_threads'`,
    `import { Label } from './one.ts'`,
    `const word: string = 'packed ' + Label.name`,
    `parentPort!.postMessage(word)`,
  ])
  services = [{ name: 'brick', entry: join(folder, 'main.ts') }]
})

afterAll(() => rmSync(folder, { recursive: true }))

const pack = async () =>
  (await packPrograms(services, (words) => said.push(words), join(folder, 'packed'))).get('brick') ?? []

it('a packed program keeps the names of its classes, has each package once, and finds the files beside its source and its threads beside itself', async () => {
  const answer: unknown = JSON.parse(execFileSync(process.execPath, await pack(), { encoding: 'utf8' }))
  expect(answer).toEqual({
    names: ['Label', 'Label', 'Brick'],
    beside: true,
    printed: expect.stringContaining('bricks: Int'), // a package in CommonJS took a type made by a module
    late: true,
    word: 'packed Label',
  })
})

it('programs are packed again after a change, and only then', async () => {
  const [first] = await pack()
  const times = said.length
  expect(await pack()).toEqual([first])
  expect(said).toHaveLength(times)

  const later = new Date(Date.now() + 1000)
  utimesSync(join(folder, 'two.ts'), later, later)
  expect(await pack()).not.toEqual([first])
  expect(said).toHaveLength(times + 1)
})

it('the packing of another place, as in a copied checkout, is not run', async () => {
  await pack()
  const times = said.length
  const copy = join(folder, 'copy')
  cpSync(join(folder, 'packed'), copy, { recursive: true })
  const [program] = (await packPrograms(services, (words) => said.push(words), copy)).get('brick') ?? []
  expect(program).toMatch(copy)
  expect(said).toHaveLength(times + 1)
})
