import type { Virtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'

/** Browsers cut elements off at some 17 (Firefox) or 33 (Chromium) million pixels: a million images are taller. */
const tallest = 10_000_000

/** Pixels of a whole list and of the window onto it. */
export interface Lengths {
  readonly list: number
  readonly window: number
}

/** Where the scroll bar stands, and where the list: the same while the list is no taller than an element may be. */
export interface Standing {
  readonly scrollTop: number
  readonly offset: number
}

/** Of the element that stands for the list. */
export const elementHeight = ({ list }: Lengths): number => Math.min(list, tallest)

/** The scroll bar's place for a place in the list. */
export function scrollTopAt(offset: number, lengths: Lengths): number {
  return offset / pixelsPerPixel(lengths)
}

/**
 * Where the list stands after the scroll bar went somewhere: a step (wheel, keys) is one in the list too, so that nothing
 * is passed over; a jump (the bar was dragged) goes to the same share of the list.
 */
export function offsetAfter(before: Standing, scrollTop: number, lengths: Lengths): number {
  const end = Math.max(0, lengths.list - lengths.window)
  if (scrollTop <= 0) return 0
  if (scrollTop >= elementHeight(lengths) - lengths.window) return end
  const by = scrollTop - before.scrollTop
  const isStep = Math.abs(by) <= 2 * lengths.window
  const offset = isStep ? before.offset + by : scrollTop * pixelsPerPixel(lengths)
  return Math.min(end, Math.max(0, offset))
}

function pixelsPerPixel(lengths: Lengths): number {
  const room = elementHeight(lengths) - lengths.window
  return room > 0 ? (lengths.list - lengths.window) / room : 1
}

const restMs = 150

type Grid = Virtualizer<HTMLDivElement, Element>

/** Scrolls a list of any height; `shift` is to be added to where a row lies in the list. */
export function useLongScroll(listHeight: number) {
  const [shift, setShift] = useState(0)
  const list = useRef(listHeight)
  list.current = listHeight
  const scroll = useMemo(() => {
    let standing: Standing = { scrollTop: 0, offset: 0 }
    let element: HTMLDivElement | null = null
    let tell: (offset: number, isScrolling: boolean) => void = () => undefined
    const lengths = (): Lengths => ({ list: list.current, window: element?.clientHeight ?? 0 })
    const stand = (next: Standing) => {
      standing = next
      setShift(next.scrollTop - next.offset)
    }
    const goTo = (offset: number) => {
      if (!element) return
      element.scrollTop = scrollTopAt(offset, lengths())
      stand({ scrollTop: element.scrollTop, offset })
      tell(offset, false)
    }
    const observeElementOffset = (grid: Grid, callback: typeof tell) => {
      element = grid.scrollElement
      if (!element) return
      tell = callback
      const watched = element
      let rest: ReturnType<typeof setTimeout>
      const scrolled = () => {
        const { scrollTop } = watched
        stand({ scrollTop, offset: offsetAfter(standing, scrollTop, lengths()) })
        callback(standing.offset, true)
        clearTimeout(rest)
        // steps move the bar too far: at rest it is put where the list stands
        rest = setTimeout(() => goTo(standing.offset), restMs)
      }
      watched.addEventListener('scroll', scrolled, { passive: true })
      return () => {
        clearTimeout(rest)
        watched.removeEventListener('scroll', scrolled)
      }
    }
    return { goTo, observeElementOffset }
  }, [])
  return { shift, height: Math.min(listHeight, tallest), ...scroll }
}
