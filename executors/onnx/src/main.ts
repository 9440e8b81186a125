/** The image's entry point: one job, found in the folders that the contract names. */
import { jobFolders } from './contract/paths.ts'
import { runJob } from './jobs/run-job.ts'

// as process 1 of a container, Node would not end on SIGTERM by itself
process.on('SIGTERM', () => process.exit(143))
process.on('SIGINT', () => process.exit(130))

process.exit(await runJob(jobFolders(process.env)))
