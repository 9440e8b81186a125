import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aPlatform, type TestPlatform } from '../testing/platform.ts'

/** A folder of the server that archives may be imported from. */
export const importRoot = mkdtempSync(join(tmpdir(), 'ymir-import-root-'))

let started: Promise<TestPlatform> | undefined

/** The platform that all parts of the file share, each with projects and people of its own. */
export function onePlatform(): Promise<TestPlatform> {
  const environment = { YMIR_IMPORT_ROOTS: importRoot, YMIR_IMPORT_PRIVATE_URLS: '1' }
  started ??= aPlatform({ ...process.env, ...environment })
  return started
}

export async function stopPlatform(): Promise<void> {
  await (await started)?.stop()
  rmSync(importRoot, { recursive: true, force: true })
}
