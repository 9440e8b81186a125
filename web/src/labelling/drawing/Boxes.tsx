import type Konva from 'konva'
import { memo, useEffect, useRef, useState } from 'react'
import { Group, Rect, Text, Transformer } from 'react-konva'
import { labelColourNow } from '../../asset/label-colour.ts'
import { areaOf, clipped, moved, onPixels, type Box } from './box.ts'
import type { Change, Drawn, Placed, Sheet, Suggestion } from './sheet.ts'
import { boxInImage, toImage, toWindow, type View } from './view.ts'

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
      {kept.map(({ label, box }, index) => (
        <Outlined key={index} box={toWindow(view, box)} colour="#bbb" words={label} dash={dashes.kept} />
      ))}
      {placed.map((one) =>
        one.id === sheet.selectedId ? (
          <Held key={one.id} one={one} sheet={sheet} view={view} change={change} />
        ) : (
          <Outlined key={one.id} id={one.id} box={toWindow(view, one.what.box)} {...lookOf(one)} />
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

interface Outline {
  /** In the window. */
  readonly box: Box
  readonly colour: string
  readonly words: string
  readonly dash: number[]
}

/** A box that a pointer can find by its id; without one it is only shown. */
function Outlined({ id, box, colour, words, dash }: Outline & { id?: string }) {
  return (
    <Group listening={id !== undefined}>
      <Rect id={id} {...box} fill={colour} opacity={0.06} />
      <Rect {...box} stroke="#0000008c" strokeWidth={4} listening={false} />
      <Rect {...box} stroke={colour} strokeWidth={2} dash={dash} listening={false} />
      <Name box={box} words={words} />
    </Group>
  )
}

function Name({ box, words }: { box: Box; words: string }) {
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

/** The selected box: it is moved as a whole or pulled at its corners and sides, as far as the image goes. */
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
  const [moving, setMoving] = useState<Box>()
  const { colour, words, dash } = lookOf(one)
  const box = toWindow(view, one.what.box)

  useEffect(() => {
    if (rect.current) handles.current?.nodes([rect.current])
  }, [])

  function letGo() {
    const node = rect.current
    if (!node) return
    const dropped = onPixels(boxInImage(view, boxOf(node)), image)
    // onto whole pixels at once: React sees no change where a box lands where it was
    node.setAttrs({ ...toWindow(view, dropped), scaleX: 1, scaleY: 1 })
    setMoving(undefined)
    change({ do: 'place', id: one.id, box: dropped })
  }
  const follow = () => rect.current && setMoving(boxOf(rect.current))

  return (
    <>
      <Rect {...(moving ?? box)} fill={colour} opacity={0.2} listening={false} />
      <Rect
        ref={rect}
        id={one.id}
        {...box}
        fill="transparent"
        stroke={colour}
        strokeWidth={3}
        strokeScaleEnabled={false}
        dash={dash}
        draggable
        dragBoundFunc={(at) => toWindow(view, moved({ ...one.what.box, ...toImage(view, at) }, still, image))}
        onDragMove={follow}
        onDragEnd={letGo}
        onTransform={follow}
        onTransformEnd={letGo}
      />
      <Name box={moving ?? box} words={words} />
      <Transformer
        ref={handles}
        rotateEnabled={false}
        keepRatio={false}
        flipEnabled={false}
        ignoreStroke
        borderEnabled={false}
        anchorSize={9}
        anchorStroke={colour}
        boundBoxFunc={(before, after) => {
          const within = clipped(boxInImage(view, after), image)
          return within ? { ...toWindow(view, within), rotation: 0 } : before
        }}
      />
    </>
  )
}

const still = { x: 0, y: 0 }

function boxOf(node: Konva.Rect): Box {
  return {
    ...{ x: node.x(), y: node.y() },
    ...{ width: node.width() * node.scaleX(), height: node.height() * node.scaleY() },
  }
}
