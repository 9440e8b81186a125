/** For benches: the executor's parts without the rest of the platform. Services do not import it. */
export { writeInput } from '../contract/input.ts'
export { jobFolders } from '../contract/layout.ts'
export { DockerDriver } from '../driver/docker-driver.ts'
export { descriptionOf } from '../image/revision.ts'
export { anEntry, aPlatform, aTraining, sampleImage, type Platform } from './platform.ts'
export { importImage, importSampleImage, startPodman, type TestEngine } from './podman.ts'
