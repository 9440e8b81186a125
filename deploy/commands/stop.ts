import { existsSync } from 'node:fs'
import { waitUntil } from '@ymir/service'
import { homeFolder } from '../home.ts'
import { supervisorOf } from '../supervisor/claim.ts'
import { endLeftovers } from '../supervisor/leftovers.ts'

/** Ends the platform in order; also what a killed supervisor left running. */
export async function stop(): Promise<number> {
  const home = homeFolder()
  if (!existsSync(home)) {
    console.log(`There is no platform in ${home}.`)
    return 0
  }
  const supervisor = supervisorOf(home)
  if (supervisor !== undefined) {
    console.log('Stopping YMIR ...')
    process.kill(supervisor, 'SIGTERM')
    await waitUntil('the supervisor to end', () => supervisorOf(home) === undefined, { timeoutMs: 60_000 })
  }
  await endLeftovers(home)
  console.log(supervisor === undefined ? 'YMIR was not running.' : 'Stopped.')
  return 0
}
