import { useCallback, useMemo, useState } from 'react'
import type { Box, Point, Size } from './box.ts'
import { fitting, panned, showing, visible, zoomed, type View } from './view.ts'

/** What is seen of an image. */
export interface Sight {
  readonly image: Size
  /** Of the drawing, in screen pixels; undefined before it is laid out. */
  readonly window: Size | undefined
  readonly view: View | undefined
  setWindow(window: Size): void
  show(view: View): void
  /** The whole image. */
  fit(): void
  zoom(factor: number): void
  pan(by: Point): void
  /** Moves so that a box is seen. */
  reveal(box: Box): void
  /** The part of the image that is seen. */
  seen(): Box
}

/** The drawing of the next image is as large as that of the last: it need not be measured before it is shown. */
let lastWindow: Size | undefined

export function useSight(image: Size): Sight {
  const [window, setWindowSize] = useState(lastWindow)
  // undefined: the whole image, whatever the size of the window
  const [chosen, show] = useState<View>()
  const view = useMemo(() => chosen ?? (window && fitting(image, window)), [chosen, image, window])
  const setWindow = useCallback(({ width, height }: Size) => {
    if (width === 0 || height === 0) return
    lastWindow = { width, height }
    setWindowSize(lastWindow)
  }, [])
  const middle = { x: (window?.width ?? 0) / 2, y: (window?.height ?? 0) / 2 }
  return {
    ...{ image, window, view, setWindow, show },
    fit: () => show(undefined),
    zoom: (factor) => view && window && show(zoomed(view, factor, middle, image, window)),
    pan: (by) => view && show(panned(view, by)),
    reveal: (box) => {
      if (!view || !window) return
      const next = showing(view, box, window)
      if (next !== view) show(next)
    },
    seen: () =>
      view && window
        ? visible(view, image, window)
        : { x: 0, y: 0, width: image.width, height: image.height },
  }
}
