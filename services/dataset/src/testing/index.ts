/** What tests and benches outside the service need of it. */
export { zipOf } from '../export/zip-writer.ts'
export { importLimits } from '../import/limits.ts'
export { Archive } from '../import/zip/archive.ts'
export { anArchive, anImage, aVocFile } from './archive.ts'
export { startTestService, type TestService } from './service.ts'
