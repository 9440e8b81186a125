/** What benches need of the mining service. */
export { coreSet } from '../strategy/core-set.ts'
export { nearestNeighbours } from '../strategy/neighbours.ts'
export { dot, vectorsIn, vectorsOf } from '../strategy/vectors.ts'
export type { Knowledge, StrategyName } from '../strategy/strategies.ts'
export { rankingBy } from '../task/ranking.ts'
