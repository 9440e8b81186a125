import { renameSync, writeFileSync } from 'node:fs'

/** Whoever reads at the same moment sees the old file or the new one, never a half. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const partial = `${path}.partial`
  writeFileSync(partial, content)
  renameSync(partial, path)
}
