import { labelColour } from '../../asset/label-colour.ts'
import { memo } from 'react'
import { handles, type Box } from './box.ts'
import { handlePoint } from './hit.ts'
import type { Drawn, Placed, Sheet, Suggestion } from './sheet.ts'
import { toWindow, type View } from './view.ts'

const handleSide = 9

/** What an outline says of its box, by its dashes. */
const dashes = { drawn: undefined, suggested: '7 5', kept: '1 4' } as const

/** Everything drawn on an image: boxes in the colour of their label, suggestions dashed, kept annotations dotted. */
export const Boxes = memo(function Boxes({
  sheet,
  kept,
  view,
  preview,
}: {
  sheet: Sheet
  kept: readonly Drawn[]
  view: View
  /** A box that a pointer moves now. */
  preview: { id: string; box: Box } | undefined
}) {
  const boxOf = ({ id, what }: Placed<Drawn | Suggestion>) =>
    toWindow(view, preview?.id === id ? preview.box : what.box)
  return (
    <>
      {kept.map(({ label, box }, index) => (
        <Labelled key={index} box={toWindow(view, box)} colour="#bbb" words={label} kind="kept" />
      ))}
      {sheet.suggestions.map((one) => (
        <Labelled
          key={one.id}
          box={boxOf(one)}
          colour={labelColour(one.what.label)}
          words={`${one.what.label} ${Math.round(one.what.score * 100)}%`}
          kind="suggested"
          isSelected={one.id === sheet.selectedId}
        />
      ))}
      {sheet.boxes.map((one) => (
        <Labelled
          key={one.id}
          box={boxOf(one)}
          colour={labelColour(one.what.label)}
          words={one.what.label}
          kind="drawn"
          isSelected={one.id === sheet.selectedId}
        />
      ))}
    </>
  )
})

function Labelled({
  box,
  colour,
  words,
  kind,
  isSelected = false,
}: {
  box: Box
  colour: string
  words: string
  kind: keyof typeof dashes
  isSelected?: boolean
}) {
  return (
    <g data-box={kind}>
      <rect {...box} fill="none" stroke="rgb(0 0 0 / 55%)" strokeWidth={isSelected ? 5 : 4} />
      <rect
        {...box}
        fill={colour}
        fillOpacity={isSelected ? 0.2 : 0.06}
        stroke={colour}
        strokeWidth={isSelected ? 3 : 2}
        strokeDasharray={dashes[kind]}
      />
      <text x={box.x + 3} y={Math.max(box.y - 5, 13)}>
        {words}
      </text>
      {isSelected &&
        handles.map((handle) => {
          const { x, y } = handlePoint(box, handle)
          return (
            <rect
              key={handle}
              className="handle"
              stroke={colour}
              x={x - handleSide / 2}
              y={y - handleSide / 2}
              width={handleSide}
              height={handleSide}
            />
          )
        })}
    </g>
  )
}
