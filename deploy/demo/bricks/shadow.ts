import type { Light, Thing } from './scene.ts'
import { Surface } from './surface.ts'
import { lookAt, type View } from './view.ts'

const pixels = 384
const side = 18
const scaled = pixels / side
/** A point is looked up a little off its surface, so that the surface does not shade itself; in units. */
const lift = 0.06
const slack = 0.03

/** Places of the lamp's picture that are looked at for one point. */
export const looks = 9

/** One for all scenes, as they are shaded one after another: megabytes that need not be cleared away each time. */
const seenByLamp = new Surface(pixels, pixels)

/** What the lamp sees is lit (Williams 1978); several looks around the place make the shadow's edge soft. */
export class Shadow {
  private readonly view: View
  private readonly depth: Float32Array
  private readonly step: number

  constructor(things: readonly Thing[], light: Light) {
    const towardsTable = lookAt(light.direction, [0, 0, 0], 0)
    const lens = { type: 'parallel', pixelsPerUnit: scaled } as const
    this.view = { ...towardsTable, eye: [0, 0, 0], middle: [pixels / 2, pixels / 2], lens }
    this.step = Math.max(0.8, light.softness * scaled)
    seenByLamp.clear()
    things.forEach(({ mesh }, i) => seenByLamp.draw(mesh, this.view, i))
    this.depth = seenByLamp.depth
  }

  /** @returns how many of {@link looks} see the lamp */
  litLooks(point: Float64Array, normal: Float64Array): number {
    const { depth, step } = this
    const { right, up, towards } = this.view
    const x = point[0]! + normal[0]! * lift
    const y = point[1]! + normal[1]! * lift
    const z = point[2]! + normal[2]! * lift
    const column = pixels / 2 + scaled * (right[0] * x + right[1] * y + right[2] * z)
    const row = pixels / 2 - scaled * (up[0] * x + up[1] * y + up[2] * z)
    const own = towards[0] * x + towards[1] * y + towards[2] * z + slack
    let lit = 0
    for (let dy = -1; dy <= 1; dy++) {
      const lookY = Math.floor(row + dy * step)
      for (let dx = -1; dx <= 1; dx++) {
        const lookX = Math.floor(column + dx * step)
        const isBeyond = lookX < 0 || lookY < 0 || lookX >= pixels || lookY >= pixels
        if (isBeyond || depth[lookY * pixels + lookX]! <= own) lit++
      }
    }
    return lit
  }
}
