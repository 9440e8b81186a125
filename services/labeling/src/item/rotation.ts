const wholeTurn = 2 * Math.PI
/** Radians: less is what remains of rounding. */
const noTurn = 1e-9

/**
 * A turn in the one form in which answers have it: above 0 and below 2π, radians, clockwise as the image is seen.
 * @returns undefined where it is none, to a thousand-millionth of a radian
 */
export function normalTurn(radians: number): number | undefined {
  const turn = radians >= 0 && radians < wholeTurn ? radians : ((radians % wholeTurn) + wholeTurn) % wholeTurn
  return turn > noTurn && turn < wholeTurn - noTurn ? turn : undefined // NaN is none
}

/** Of a tool that says degrees. */
export function turnOfDegrees(degrees: number): number | undefined {
  return normalTurn(((degrees % 360) * Math.PI) / 180)
}

/** 0 up to 360. */
export function degreesOf(radians: number): number {
  return (radians * 180) / Math.PI
}
