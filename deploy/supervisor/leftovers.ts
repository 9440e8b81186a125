import { findNats } from '../embedded/nats.ts'
import { findPostgres } from '../embedded/postgres.ts'
import { endProcess } from '../processes.ts'
import { readRunFile, removeRunFile } from './run-file.ts'

/** Ends services that a killed supervisor left running: they know ports and a supervisor that will not be the same. */
export async function endLeftServices(home: string): Promise<void> {
  const left = readRunFile(home)?.processes.filter(({ name }) => name !== 'postgres' && name !== 'nats') ?? []
  await Promise.all(left.map(({ pid, marks }) => (pid === undefined ? undefined : endProcess(pid, marks))))
}

/** Ends all that a killed supervisor left running, in the usual order: services, NATS, PostgreSQL. */
export async function endLeftovers(home: string): Promise<void> {
  await endLeftServices(home)
  await (await findNats(home))?.stop()
  await (await findPostgres(home))?.stop()
  removeRunFile(home)
}
