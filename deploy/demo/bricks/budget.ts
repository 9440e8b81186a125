import type { DemoSize } from './sets.ts'

/** Hyper-parameters of the reference executor, by its template's names; what is not named keeps the template's value. */
export interface Budget {
  readonly steps: number
  readonly batch_size: number
  readonly learning_rate: number
  /** of the longer side, in pixels */
  readonly input_size: number
  /** in steps */
  readonly evaluate_every: number
  readonly seed: number
}

export const budgets: Record<DemoSize, Budget> = {
  full: { steps: 1000, batch_size: 8, learning_rate: 0.003, input_size: 160, evaluate_every: 250, seed: 1 },
  quick: { steps: 300, batch_size: 8, learning_rate: 0.003, input_size: 128, evaluate_every: 150, seed: 1 },
}
