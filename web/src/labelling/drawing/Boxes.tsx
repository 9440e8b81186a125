import type Konva from 'konva'
import { memo, useEffect, useRef, useState } from 'react'
import { Group, Rect, Text, Transformer } from 'react-konva'
import { labelColourNow } from '../../asset/label-colour.ts'
import { areaOf, clipped, type Box, type Point } from './box.ts'
import type { Change, Drawn, Placed, Sheet, Suggestion } from './sheet.ts'
import {
  around,
  boxOfCorner,
  cornerOf,
  degreesOf,
  isTakenTurned,
  movedBy,
  normalTurn,
  placedOn,
  type Turned,
} from './turned.ts'
import { boxInImage, toWindow, type View } from './view.ts'

/** What an outline says of its box, by its dashes in screen pixels. */
const dashes = { drawn: [], suggested: [7, 5], kept: [1, 4] }

/** Everything drawn on an image: boxes in the colour of their label, suggestions dashed, kept annotations dotted. */
export const Boxes = memo(function Boxes({
  sheet,
  kept,
  view,
  change,
}: {
  sheet: Sheet
  kept: readonly Drawn[]
  view: View
  change: (change: Change) => void
}) {
  // a small box lies above the large one around it, so that a click finds it
  const placed = [...sheet.boxes, ...sheet.suggestions].toSorted(
    ({ what: one }, { what: other }) => areaOf(other.box) - areaOf(one.box),
  )
  return (
    <>
      {kept.map((what, index) => (
        <Outlined
          key={index}
          shape={shapeOf(view, what)}
          colour="#bbb"
          words={what.label}
          dash={dashes.kept}
        />
      ))}
      {placed.map((one) =>
        one.id === sheet.selectedId ? (
          <Held key={one.id} one={one} sheet={sheet} view={view} change={change} />
        ) : (
          <Outlined key={one.id} id={one.id} shape={shapeOf(view, one.what)} {...lookOf(one)} />
        ),
      )}
    </>
  )
})

function lookOf({ what }: Placed<Drawn | Suggestion>) {
  const colour = labelColourNow(what.label)
  if (!('score' in what)) return { colour, words: what.label, dash: dashes.drawn }
  return { colour, words: `${what.label} ${Math.round(what.score * 100)}%`, dash: dashes.suggested }
}

/** A box in the window as the canvas has it: turned about its left upper corner, degrees. */
interface Shape extends Box {
  readonly rotation: number
}

function shapeOf(view: View, one: Turned): Shape {
  return { ...toWindow(view, cornerOf(one)), rotation: degreesOf(one) }
}

/** The way back, in pixels of the image. */
function turnedOf(view: View, { rotation: degrees, ...corner }: Shape): Turned {
  const rotation = normalTurn((degrees * Math.PI) / 180)
  return { box: boxOfCorner(boxInImage(view, corner), rotation), rotation }
}

interface Outline {
  readonly shape: Shape
  readonly colour: string
  readonly words: string
  readonly dash: number[]
}

/** A box that a pointer can find by its id; without one it is only shown. */
function Outlined({ id, shape, colour, words, dash }: Outline & { id?: string }) {
  return (
    <Group listening={id !== undefined}>
      <Rect id={id} {...shape} fill={colour} opacity={0.06} />
      <Rect {...shape} stroke="#0000008c" strokeWidth={4} listening={false} />
      <Rect {...shape} stroke={colour} strokeWidth={2} dash={dash} listening={false} />
      <Name shape={shape} words={words} />
    </Group>
  )
}

function Name({ shape: { rotation, ...corner }, words }: { shape: Shape; words: string }) {
  const turn = normalTurn((rotation * Math.PI) / 180)
  const box = around({ box: boxOfCorner(corner, turn), rotation: turn })
  return (
    <Text
      x={box.x + 3}
      y={Math.max(box.y - 16, 2)}
      text={words}
      fontSize={12}
      fontStyle="600"
      fontFamily={getComputedStyle(document.body).fontFamily}
      fill="white"
      stroke="#000000cc"
      strokeWidth={3}
      fillAfterStrokeEnabled
      listening={false}
    />
  )
}

/** The selected box: it is moved as a whole, pulled at its corners and sides, or turned, as far as the image goes. */
function Held({
  one,
  sheet: { image },
  view,
  change,
}: {
  one: Placed<Drawn | Suggestion>
  sheet: Sheet
  view: View
  change: (change: Change) => void
}) {
  const rect = useRef<Konva.Rect>(null)
  const handles = useRef<Konva.Transformer>(null)
  // while a pointer moves it, in the window
  const [moving, setMoving] = useState<Shape>()
  const { colour, words, dash } = lookOf(one)
  const shape = shapeOf(view, one.what)

  useEffect(() => {
    if (rect.current) handles.current?.nodes([rect.current])
  }, [])

  function letGo() {
    const node = rect.current
    if (!node) return
    const held = turnedOf(view, shapeNow(node))
    const dropped = { ...held, box: placedOn(held, image) }
    // onto whole pixels at once: React sees no change where a box lands where it was
    node.setAttrs({ ...shapeOf(view, dropped), scaleX: 1, scaleY: 1 })
    setMoving(undefined)
    change({ do: 'place', id: one.id, ...dropped })
  }
  const follow = () => rect.current && setMoving(shapeNow(rect.current))

  /** Where it may be dragged to. */
  function within(at: Point): Point {
    const held = turnedOf(view, { ...shape, ...at })
    return shapeOf(view, { ...held, box: movedBy(held, still, image) })
  }

  return (
    <>
      <Rect {...(moving ?? shape)} fill={colour} opacity={0.2} listening={false} />
      <Rect
        ref={rect}
        id={one.id}
        {...shape}
        fill="transparent"
        stroke={colour}
        strokeWidth={3}
        strokeScaleEnabled={false}
        dash={dash}
        draggable
        dragBoundFunc={within}
        onDragMove={follow}
        onDragEnd={letGo}
        onTransform={follow}
        onTransformEnd={letGo}
      />
      <Name shape={moving ?? shape} words={words} />
      <Transformer
        ref={handles}
        rotateAnchorOffset={24}
        rotationSnaps={[0, 90, 180, 270]}
        rotationSnapTolerance={3}
        keepRatio={false}
        flipEnabled={false}
        ignoreStroke
        borderEnabled={false}
        anchorSize={9}
        anchorStroke={colour}
        boundBoxFunc={(before, after) => {
          const degrees = (after.rotation * 180) / Math.PI
          const { box, rotation } = turnedOf(view, { ...after, rotation: degrees })
          if (rotation) return isTakenTurned(box, image) ? after : before
          const inside = clipped(box, image)
          return inside ? { ...toWindow(view, inside), rotation: 0 } : before
        }}
      />
    </>
  )
}

const still = { x: 0, y: 0 }

function shapeNow(node: Konva.Rect): Shape {
  return {
    rotation: node.rotation(),
    ...{ x: node.x(), y: node.y() },
    ...{ width: node.width() * node.scaleX(), height: node.height() * node.scaleY() },
  }
}
