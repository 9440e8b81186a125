import { labelColourNow } from '../asset/label-colour.ts'
import type { FoundPhoto } from './ValidatedPhoto.tsx'

/** A photo with boxes and their labels drawn into it, as PNG. @throws when the browser cannot read the photo */
export async function annotatedImage(photo: Blob, found: FoundPhoto['predictions']): Promise<Blob> {
  const image = await createImageBitmap(photo)
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser cannot draw images')
  const fontSize = Math.max(12, image.width / 42)
  context.drawImage(image, 0, 0)
  context.font = `600 ${fontSize}px system-ui, sans-serif`
  context.lineWidth = Math.max(2, image.width / 320)
  context.textBaseline = 'bottom'
  for (const { label, score, box } of found) {
    const words = `${label} ${(score * 100).toFixed(1)} %`
    const top = Math.max(fontSize * 1.3, box.y)
    context.strokeStyle = context.fillStyle = labelColourNow(label)
    context.strokeRect(box.x, box.y, box.width, box.height)
    context.fillRect(box.x, top - fontSize * 1.3, context.measureText(words).width + 8, fontSize * 1.3)
    context.fillStyle = 'white'
    context.fillText(words, box.x + 4, top - 2)
  }
  return canvas.convertToBlob({ type: 'image/png' })
}
