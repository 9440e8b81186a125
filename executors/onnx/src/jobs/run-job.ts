/** Runs whatever env.yaml asks for, and reports to the monitor how it ends. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readEnvironment } from '../contract/environment.ts'
import { Monitor } from '../contract/monitor.ts'
import type { JobFolders } from '../contract/paths.ts'
import { runDetection } from './detection-job.ts'
import { runTraining } from './training-job.ts'

/** @returns the exit code of the process: 0, or 1 after a failure that monitor.txt and standard error tell of */
export async function runJob(folders: JobFolders): Promise<0 | 1> {
  // until env.yaml is read, failures go where the contract's default is
  let monitor = new Monitor(join(folders.output, 'monitor.txt'), 'unknown')
  try {
    const environment = await readEnvironment(folders)
    mkdirSync(dirname(environment.files.monitor), { recursive: true })
    monitor = new Monitor(environment.files.monitor, environment.taskId)
    monitor.running(0)
    if (environment.runTraining) await runTraining(environment, folders, monitor)
    else await runDetection(environment, folders, monitor)
    monitor.done()
    return 0
  } catch (failure) {
    console.error(failure)
    monitor.failed(failure)
    return 1
  }
}
