import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findNats, startNats } from '../embedded/nats.ts'
import { findPostgres, startPostgres } from '../embedded/postgres.ts'
import { readIfThere } from '../home.ts'
import { commandLineOf } from '../processes.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL of the run; each test takes a schema of its own. */
    databaseUrl: string
    /** A nats-server with JetStream of the run, by the path of a test file: as if each file had its own. */
    natsUrls: Record<string, string>
  }
}

const prefix = 'ymir-tests-'

/** One real PostgreSQL and one real nats-server for all tests of a run, gone when it ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepUnfinishedRuns()
  const home = mkdtempSync(join(tmpdir(), prefix))
  writeFileSync(join(home, 'owner'), String(process.pid))
  const stops: (() => Promise<void>)[] = []
  const tearDown = async () => {
    for (const stop of stops.splice(0)) await stop()
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const { testFiles } = await project.globTestFiles()
    const users = testFiles.map((_, index) => `test${index}`)
    const [postgres, nats] = await Promise.allSettled([
      startPostgres({ home, durable: false }),
      startNats({ home, separateUsers: users }),
    ])
    for (const server of [postgres, nats]) if (server.status === 'fulfilled') stops.push(server.value.stop)
    if (postgres.status === 'rejected') throw postgres.reason
    if (nats.status === 'rejected') throw nats.reason
    project.provide('databaseUrl', postgres.value.url)
    const { url } = nats.value
    project.provide(
      'natsUrls',
      Object.fromEntries(
        testFiles.map((file, index) => [file, url.replace('//ymir:', `//${users[index]}:`)]),
      ),
    )
    process.env.YMIR_TEST_DATABASE_URL = postgres.value.url
    return tearDown
  } catch (error) {
    await tearDown()
    throw error
  }
}

/** Ends what a run left behind that was killed before it could tear down. */
async function sweepUnfinishedRuns(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const home = join(tmpdir(), name)
    const owner = Number(readIfThere(join(home, 'owner')))
    if (!owner || commandLineOf(owner)) continue
    for (const find of [findPostgres, findNats]) await (await find(home))?.stop()
    rmSync(home, { recursive: true, force: true })
  }
}
