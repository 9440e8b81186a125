/** Generated photos of toy bricks with their boxes: the demo's data. */
export { augmentation, budgets, type Budget } from './budget.ts'
export {
  generateBricks,
  requestsOf,
  type BrickSet,
  type GeneratedSet,
  type GenerateOptions,
} from './generate.ts'
export { frequencies, isRare, kinds, type Kind } from './kinds.ts'
export type { VisibleBrick } from './annotation.ts'
export { takePhotos } from './photo-pool.ts'
export type { Photo, PhotoRequest } from './photo.ts'
export { demoSets, type DemoSize } from './sets.ts'
