import type { Keys } from './keys.ts'
import { selectedIn, type Change, type Drawn, type Sheet } from './sheet.ts'
import type { Sight } from './sight.ts'

const step = 10
const fineStep = 1
/** Radians: five degrees, one. */
const turn = Math.PI / 36
const fineTurn = Math.PI / 180
const panBy = 80
const zoomBy = 1.25
/** A new box takes this part of what is seen. */
const newBoxPart = 0.25

/** The keys that draw: boxes, classes, suggestions, the way back, and the view. */
export function drawingKeys(
  sheet: Sheet,
  change: (change: Change) => void,
  sight: Sight,
  classes: readonly string[],
  previous: readonly Drawn[] | undefined,
): Keys {
  return {
    N: () => change(newBox(sight)),
    Delete: () => change({ do: 'remove' }),
    Backspace: () => change({ do: 'remove' }),
    A: () => change({ do: 'accept' }),
    'Shift+A': () => change({ do: 'acceptAll' }),
    Q: () => change({ do: 'turn', by: -turn }),
    E: () => change({ do: 'turn', by: turn }),
    'Alt+Q': () => change({ do: 'turn', by: -fineTurn }),
    'Alt+E': () => change({ do: 'turn', by: fineTurn }),
    'Ctrl+Z': () => change({ do: 'undo' }),
    'Ctrl+Shift+Z': () => change({ do: 'redo' }),
    'Ctrl+Y': () => change({ do: 'redo' }),
    'Ctrl+C': () => previous && change({ do: 'copy', boxes: previous }),
    '+': () => sight.zoom(zoomBy),
    '=': () => sight.zoom(zoomBy),
    '-': () => sight.zoom(1 / zoomBy),
    F: () => sight.fit(),
    ...arrowKeys(sheet, change, sight),
    ...classKeys(classes, change),
  }
}

/** The key of a class: 1 to 9, then 0; later ones have none. */
export function keyOfClass(index: number): string | undefined {
  return index < 10 ? String((index + 1) % 10) : undefined
}

function newBox(sight: Sight): Change {
  const { x, y, width, height } = sight.seen()
  const [middleX, middleY] = [x + width / 2, y + height / 2]
  const [halfWidth, halfHeight] = [(width * newBoxPart) / 2, (height * newBoxPart) / 2]
  return {
    do: 'draw',
    from: { x: middleX - halfWidth, y: middleY - halfHeight },
    to: { x: middleX + halfWidth, y: middleY + halfHeight },
  }
}

const arrows = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
} as const

function arrowKeys(sheet: Sheet, change: (change: Change) => void, sight: Sight): Keys {
  const isSelected = selectedIn(sheet) !== undefined
  return Object.fromEntries(
    Object.entries(arrows).flatMap(([arrow, towards]) => {
      const by = (length: number) => ({ x: towards.x * length, y: towards.y * length })
      if (!isSelected) return [[arrow, () => sight.pan(by(-panBy))]]
      return [
        [arrow, () => change({ do: 'move', by: by(step) })],
        [`Alt+${arrow}`, () => change({ do: 'move', by: by(fineStep) })],
        [`Shift+${arrow}`, () => change({ do: 'stretch', by: by(step) })],
        [`Alt+Shift+${arrow}`, () => change({ do: 'stretch', by: by(fineStep) })],
      ]
    }),
  )
}

function classKeys(classes: readonly string[], change: (change: Change) => void): Keys {
  return Object.fromEntries(
    classes.slice(0, 10).map((label, index) => [keyOfClass(index), () => change({ do: 'label', label })]),
  )
}
