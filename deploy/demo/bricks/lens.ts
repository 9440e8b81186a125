/** From amounts of light to a photo: focus, vignette, exposure, noise, and the screen's curve. */
import { between, gaussian, type Random } from './chance.ts'
import type { Picture } from './shading.ts'

/** @returns red, green, blue of each pixel, 0..255 */
export function develop(picture: Picture, random: Random): Uint8Array {
  const { width, height } = picture
  const light = blur(picture, between(random, 0, 0.75))
  const exposure = between(random, 0.85, 1.3)
  const vignette = between(random, 0, 0.35)
  const noise = between(random, 0.5, 6)
  const grain = noiseStrip(random)
  const pixels = new Uint8Array(light.length)
  let at = Math.floor(random() * grain.length) // the strip is read again and again, by uneven steps
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromMiddle = ((2 * x) / width - 1) ** 2 + ((2 * y) / height - 1) ** 2
      const gain = exposure * (1 - (vignette * fromMiddle) / 2)
      const pixel = (y * width + x) * 3
      for (let i = pixel; i < pixel + 3; i++) {
        at = (at + 1 + (i & 1)) & lastGrain
        const screen = curve[Math.min(curve.length - 1, Math.round(light[i]! * gain * (curve.length - 1)))]!
        pixels[i] = Math.max(0, Math.min(255, Math.round(screen + noise * grain[at]!)))
      }
    }
  }
  return pixels
}

/** Each pixel mixed with its eight neighbours; at the border it stays as it is. */
function blur({ width, height, light }: Picture, share: number): Float32Array {
  const blurred = light.slice()
  const row = width * 3
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const beside = light[i - 3]! + light[i + 3]! + light[i - row]! + light[i + row]!
      const corners = light[i - row - 3]! + light[i - row + 3]! + light[i + row - 3]! + light[i + row + 3]!
      const mean = light[i]! / 4 + beside / 8 + corners / 16
      blurred[i] = light[i]! + share * (mean - light[i]!)
    }
  }
  return blurred
}

const lastGrain = 4095

const noiseStrip = (random: Random): Float32Array =>
  Float32Array.from({ length: lastGrain + 1 }, () => gaussian(random))

const curve = Uint8Array.from({ length: 4097 }, (_, i) => Math.round(255 * (i / 4096) ** (1 / 2.2)))
