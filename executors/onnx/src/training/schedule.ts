/** Share of the learning rate that is left at the end. */
const FINAL_SHARE = 0.02
/** The rate stays at its height for this share of the steps. */
const PLATEAU_SHARE = 0.3

/**
 * Linear warm-up, plateau, cosine to almost nothing.
 * @param step counted from 0
 * @returns 0..1, to multiply the highest learning rate with
 */
export function rateShare(step: number, steps: number, warmupSteps: number): number {
  const warmup = Math.min(1, (step + 1) / Math.max(1, warmupSteps))
  const share = step / steps
  if (share < PLATEAU_SHARE) return warmup
  const descent = 0.5 * (1 + Math.cos((Math.PI * (share - PLATEAU_SHARE)) / (1 - PLATEAU_SHARE)))
  return warmup * (FINAL_SHARE + (1 - FINAL_SHARE) * descent)
}
