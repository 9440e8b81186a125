// A worker starts from plain JavaScript; this registers the TypeScript loader in it, whoever loaded the parent
// (tsx, vitest, or node itself), and goes on in TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./check-worker.ts')
