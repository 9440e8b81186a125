import { useEffect, useLayoutEffect, useRef, type CSSProperties } from 'react'
import { imageOf } from '../desk/prefetch.ts'
import type { Size } from './box.ts'

interface PhotoProps {
  readonly url: string
  readonly alt: string
  readonly size: Size
  readonly style: CSSProperties
  /** It is decoded, and seen with the next frame. */
  readonly onShown: (() => void) | undefined
  readonly onBroken: () => void
}

/** The image in work: the element that was decoded ahead itself, for another of the same address is decoded anew. */
export function Photo({ url, alt, size: { width, height }, style, onShown, onBroken }: PhotoProps) {
  const place = useRef<HTMLDivElement>(null)
  const newest = useRef({ onShown, onBroken })
  useEffect(() => void (newest.current = { onShown, onBroken }))
  useLayoutEffect(() => {
    const image = imageOf(url)
    let isGone = false
    place.current?.replaceChildren(image)
    image.decode().then(
      () => isGone || newest.current.onShown?.(),
      () => isGone || newest.current.onBroken(),
    )
    return () => {
      isGone = true
      image.remove()
    }
  }, [url])
  useLayoutEffect(() => {
    const image = place.current?.firstElementChild
    if (image) Object.assign(image, { alt, width, height, draggable: false })
  }, [url, alt, width, height])
  return <div ref={place} className="photo" style={style} />
}
