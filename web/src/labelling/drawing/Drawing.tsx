import './drawing.css'
import { labelColour } from '../../asset/label-colour.ts'
import { Alert } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Boxes } from './Boxes.tsx'
import { boxBetween, moved, stretched, type Box, type Handle, type Point } from './box.ts'
import { handleAt, placedAt } from './hit.ts'
import { Photo } from './Photo.tsx'
import { selectedIn, type Change, type Drawn, type Sheet } from './sheet.ts'
import { panned, toImage, toWindow, zoomed } from './view.ts'
import type { Sight } from './sight.ts'

/** What a pointer that is down does, from where it went down. */
type Drag = { readonly from: Point; readonly to: Point } & (
  | { readonly does: 'pan' }
  | { readonly does: 'draw'; readonly over: string | undefined }
  | { readonly does: 'move'; readonly id: string; readonly box: Box }
  | { readonly does: 'stretch'; readonly id: string; readonly box: Box; readonly handle: Handle }
)

/** A press that moves less, in screen pixels, is a click. */
const clickMovesLess = 4
const wheelSpeed = 0.0015

/** An image with its boxes: drawn, selected, moved and resized with the pointer; Tab walks from box to box. */
export function Drawing({
  imageUrl,
  sheet,
  change,
  sight,
  kept,
  onShown,
}: {
  imageUrl: string
  sheet: Sheet
  change: (change: Change) => void
  sight: Sight
  /** Shown as they are. */
  kept: readonly Drawn[]
  /** The image can be seen. */
  onShown?: () => void
}) {
  const { t } = useTranslation('labelling')
  const { ref: sizeRef, width, height } = useElementSize<HTMLDivElement>()
  const element = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<Drag>()
  const [isBroken, setIsBroken] = useState(false)
  const [pointer, setPointer] = useState<Point>()
  const isSpaceDown = useSpace()
  const { setWindow } = sight
  useEffect(() => setWindow({ width, height }), [setWindow, width, height])
  useWheelZoom(element, sight)
  useEffect(() => element.current?.focus({ preventScroll: true }), [])

  const { view, window } = sight
  const preview = view && drag && previewOf(drag, sheet, sight)

  function press(event: PointerEvent<HTMLDivElement>) {
    if (!view || event.button > 1) return
    element.current?.focus({ preventScroll: true })
    event.currentTarget.setPointerCapture(event.pointerId)
    const from = pointIn(event)
    setDrag(dragFrom(from, event.button === 1 || isSpaceDown.current))
  }

  function dragFrom(from: Point, isPanning: boolean): Drag {
    const start = { from, to: from }
    const selected = selectedIn(sheet)
    if (isPanning || !view) return { does: 'pan', ...start }
    const handle = handleAt(sheet, view, from)
    if (selected && handle)
      return { does: 'stretch', id: selected.id, box: selected.what.box, handle, ...start }
    const over = placedAt(sheet, toImage(view, from))
    if (selected && over?.id === selected.id)
      return { does: 'move', id: selected.id, box: selected.what.box, ...start }
    return { does: 'draw', over: over?.id, ...start }
  }

  function follow(event: PointerEvent<HTMLDivElement>) {
    const to = pointIn(event)
    setPointer(to)
    if (!drag || !view) return
    if (drag.does !== 'pan') return setDrag({ ...drag, to })
    sight.show(panned(view, { x: to.x - drag.to.x, y: to.y - drag.to.y }))
    setDrag({ ...drag, to })
  }

  function letGo() {
    setDrag(undefined)
    if (!drag || !view || drag.does === 'pan') return
    if (isClick(drag)) return change({ do: 'select', id: drag.does === 'draw' ? drag.over : drag.id })
    if (drag.does === 'draw')
      return change({ do: 'draw', from: toImage(view, drag.from), to: toImage(view, drag.to) })
    if (preview) change({ do: 'place', id: drag.id, box: preview })
  }

  function walk(event: KeyboardEvent) {
    if (event.key === 'Escape' && drag) return setDrag(undefined)
    const hasBoxes = sheet.boxes.length + sheet.suggestions.length > 0
    if (event.key !== 'Tab' || !hasBoxes || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    change({ do: 'walk', by: event.shiftKey ? -1 : 1 })
  }

  return (
    <div
      ref={useMergedRef(sizeRef, element)}
      className="drawing"
      style={{ flex: 1, minHeight: 240, minWidth: 0 }}
      role="application"
      aria-label={t('drawing')}
      aria-describedby="drawing-keys"
      tabIndex={0}
      data-drawing
      onPointerDown={press}
      onPointerMove={follow}
      onPointerUp={letGo}
      onPointerCancel={() => setDrag(undefined)}
      onPointerLeave={() => setPointer(undefined)}
      onKeyDown={walk}
    >
      <span id="drawing-keys" hidden>
        {t('drawingKeys')}
      </span>
      {isBroken && (
        <Alert role="alert" color="red" m="md">
          {t('imageMissing')}
        </Alert>
      )}
      {view && window && !isBroken && (
        <>
          <Photo
            url={imageUrl}
            alt={t('imageToLabel')}
            size={sheet.image}
            style={{
              transform: `translate(${view.left}px, ${view.top}px) scale(${view.scale})`,
              imageRendering: view.scale > 3 ? 'pixelated' : 'auto',
            }}
            onShown={onShown}
            onBroken={() => setIsBroken(true)}
          />
          <svg width={window.width} height={window.height} aria-hidden>
            <Boxes sheet={sheet} kept={kept} view={view} preview={previewed(drag, preview)} />
            {drag?.does === 'draw' && preview && (
              <rect
                {...toWindow(view, preview)}
                fill="none"
                stroke={labelColour(sheet.label)}
                strokeWidth={2}
                strokeDasharray="4 3"
              />
            )}
            {pointer && !drag && (
              <g className="crosshair">
                <line x1={pointer.x} x2={pointer.x} y1={0} y2={window.height} />
                <line y1={pointer.y} y2={pointer.y} x1={0} x2={window.width} />
              </g>
            )}
          </svg>
        </>
      )}
    </div>
  )
}

function previewOf(drag: Drag, { image }: Sheet, { view }: Sight): Box | undefined {
  if (!view || drag.does === 'pan' || isClick(drag)) return undefined
  const [from, to] = [toImage(view, drag.from), toImage(view, drag.to)]
  const by = { x: Math.round(to.x - from.x), y: Math.round(to.y - from.y) }
  if (drag.does === 'draw') return boxBetween(from, to, image)
  if (drag.does === 'move') return moved(drag.box, by, image)
  return stretched(drag.box, drag.handle, by, image)
}

function previewed(drag: Drag | undefined, box: Box | undefined) {
  return drag && box && (drag.does === 'move' || drag.does === 'stretch') ? { id: drag.id, box } : undefined
}

function isClick({ from, to }: Drag): boolean {
  return Math.hypot(to.x - from.x, to.y - from.y) < clickMovesLess
}

function pointIn(event: PointerEvent<HTMLDivElement>): Point {
  const { left, top } = event.currentTarget.getBoundingClientRect()
  return { x: event.clientX - left, y: event.clientY - top }
}

/** Whether the space bar is held: then the pointer pans. */
function useSpace() {
  const isDown = useRef(false)
  useEffect(() => {
    const note = (event: globalThis.KeyboardEvent) => {
      if (event.key !== ' ') return
      isDown.current = event.type === 'keydown'
      const onDrawing = event.target instanceof HTMLElement && 'drawing' in event.target.dataset
      if (onDrawing) event.preventDefault() // the page does not scroll
    }
    addEventListener('keydown', note)
    addEventListener('keyup', note)
    return () => {
      removeEventListener('keydown', note)
      removeEventListener('keyup', note)
    }
  }, [])
  return isDown
}

/** React listens to wheels passively, which cannot keep the page from scrolling. */
function useWheelZoom(element: React.RefObject<HTMLDivElement | null>, sight: Sight) {
  const newest = useRef(sight)
  useEffect(() => void (newest.current = sight))
  useEffect(() => {
    const target = element.current
    if (!target) return
    const zoom = (event: WheelEvent) => {
      event.preventDefault()
      const { view, image, window, show } = newest.current
      if (!view || !window) return
      const { left, top } = target.getBoundingClientRect()
      const around = { x: event.clientX - left, y: event.clientY - top }
      show(zoomed(view, Math.exp(-event.deltaY * wheelSpeed), around, image, window))
    }
    target.addEventListener('wheel', zoom, { passive: false })
    return () => target.removeEventListener('wheel', zoom)
  }, [element])
}
