import './drawing.css'
import { Alert } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { Fragment, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type Konva from 'konva'
import { Layer, Line, Rect, Stage } from 'react-konva'
import { labelColourNow } from '../../asset/label-colour.ts'
import { Boxes } from './Boxes.tsx'
import { boxBetween, type Point, type Size } from './box.ts'
import { Photo } from './Photo.tsx'
import type { Change, Drawn, Sheet } from './sheet.ts'
import { panned, toImage, toWindow, zoomed } from './view.ts'
import type { Sight } from './sight.ts'

/** What a pointer that is down does, from where it went down; a selected box is held by the canvas itself. */
interface Drag {
  readonly does: 'pan' | 'draw'
  readonly from: Point
  readonly to: Point
  /** The box under `from`, which a click selects. */
  readonly over: string | undefined
}

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
  const stage = useRef<Konva.Stage>(null)
  const [drag, setDrag] = useState<Drag>()
  const [isBroken, setIsBroken] = useState(false)
  const [pointer, setPointer] = useState<Point>()
  const isSpaceDown = useSpace()
  const { setWindow } = sight
  useEffect(() => setWindow({ width, height }), [setWindow, width, height])
  useWheelZoom(element, sight)
  useEffect(() => element.current?.focus({ preventScroll: true }), [])

  const { view, window } = sight

  function press(event: PointerEvent<HTMLDivElement>) {
    if (!view || event.button > 1) return
    element.current?.focus({ preventScroll: true })
    const from = pointIn(event)
    const isPanning = event.button === 1 || isSpaceDown.current
    const shape = stage.current?.getIntersection(from)
    // the selected box and its handles follow the pointer by themselves
    if (!isPanning && shape?.draggable()) return
    // no mouse event follows: the canvas would move a box that is panned over
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ does: isPanning ? 'pan' : 'draw', from, to: from, over: shape?.id() || undefined })
  }

  function follow(event: PointerEvent<HTMLDivElement>) {
    const to = pointIn(event)
    setPointer(to)
    if (!drag || !view) return
    if (drag.does === 'pan') sight.show(panned(view, { x: to.x - drag.to.x, y: to.y - drag.to.y }))
    setDrag({ ...drag, to })
  }

  function letGo() {
    setDrag(undefined)
    if (!drag || !view || drag.does === 'pan') return
    if (isClick(drag)) return change({ do: 'select', id: drag.over })
    change({ do: 'draw', from: toImage(view, drag.from), to: toImage(view, drag.to) })
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
          <div className="canvas" aria-hidden>
            <Stage ref={stage} width={window.width} height={window.height}>
              <Layer>
                <Boxes sheet={sheet} kept={kept} view={view} change={change} />
                {drag?.does === 'draw' && !isClick(drag) && (
                  <Rect
                    {...toWindow(
                      view,
                      boxBetween(toImage(view, drag.from), toImage(view, drag.to), sheet.image),
                    )}
                    stroke={labelColourNow(sheet.label)}
                    strokeWidth={2}
                    dash={[4, 3]}
                    listening={false}
                  />
                )}
                {pointer && !drag && <Crosshair at={pointer} size={window} />}
              </Layer>
            </Stage>
          </div>
        </>
      )}
    </div>
  )
}

/** Lines through the pointer, to see where a box would begin; light within dark, for photos of any kind. */
function Crosshair({ at, size }: { at: Point; size: Size }) {
  const lines = [
    [at.x, 0, at.x, size.height],
    [0, at.y, size.width, at.y],
  ]
  return lines.map((points, index) => (
    <Fragment key={index}>
      <Line points={points} stroke="#00000059" strokeWidth={3} listening={false} />
      <Line points={points} stroke="#ffffffb3" strokeWidth={1} listening={false} />
    </Fragment>
  ))
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
