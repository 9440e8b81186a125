import type { DemoSize } from './sets.ts'

/**
 * Hyper-parameters of the reference executor, by its template's names; what is not named keeps the template's value. All
 * rounds train for as long: the first reaches its plateau, from where on more photos help and more steps hardly do.
 */
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

/** Bricks on a table have no up and their colour says much: turned and mirrored at will, recoloured a little. */
export const augmentation = {
  flip_vertical: true,
  quarter_turns: true,
  scale_jitter: 0.15,
  colour_jitter: 0.1,
}

export const budgets: Record<DemoSize, Budget> = {
  full: { steps: 2000, batch_size: 4, learning_rate: 0.004, input_size: 160, evaluate_every: 500, seed: 1 },
  quick: { steps: 550, batch_size: 4, learning_rate: 0.004, input_size: 160, evaluate_every: 275, seed: 1 },
}
