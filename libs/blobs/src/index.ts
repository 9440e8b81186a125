export { openBlobs, BlobMissing, BlobTooLarge, type Blobs, type BlobRef } from './blobs.ts'
export { readJsonLines, writeJsonLines } from './json-lines.ts'
export { findUpload, UploadMissing, type Upload } from './upload.ts'
