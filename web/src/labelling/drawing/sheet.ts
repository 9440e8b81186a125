import { boxBetween, type Box, type Point, type Size } from './box.ts'
import { fitting, movedBy, overlapOf, stretchedBy, turnedBy, type Turned } from './turned.ts'

/** A box with its label, as it will be answered. */
export interface Drawn extends Turned {
  readonly label: string
  readonly difficult: boolean
  readonly truncated: boolean
  readonly crowd: boolean
}

/** What a model found; no part of the answer until it is accepted. */
export interface Suggestion extends Turned {
  readonly label: string
  /** 0 to 1. */
  readonly score: number
}

export interface Placed<Kind> {
  readonly id: string
  readonly what: Kind
}

interface Content {
  readonly boxes: readonly Placed<Drawn>[]
  readonly suggestions: readonly Placed<Suggestion>[]
}

/** The image on the desk: what is drawn on it, what is selected, and the way back. */
export interface Sheet extends Content {
  readonly image: Size
  readonly selectedId: string | undefined
  /** The label of the next box. */
  readonly label: string
  readonly past: readonly Content[]
  readonly future: readonly Content[]
  /** What changed last: small steps of one kind at one box are undone together. */
  readonly lastStep: string | undefined
  readonly nextId: number
}

export type Change =
  | { readonly do: 'draw'; readonly from: Point; readonly to: Point }
  | ({ readonly do: 'place'; readonly id: string } & Turned)
  | { readonly do: 'move'; readonly by: Point }
  | { readonly do: 'stretch'; readonly by: Point }
  /** Radians, clockwise. */
  | { readonly do: 'turn'; readonly by: number }
  | { readonly do: 'label'; readonly label: string }
  | { readonly do: 'select'; readonly id: string | undefined }
  | { readonly do: 'walk'; readonly by: 1 | -1 }
  | { readonly do: 'remove' | 'accept' | 'acceptAll' | 'undo' | 'redo' }
  | { readonly do: 'copy'; readonly boxes: readonly Drawn[] }

/** A model's box that lies like this on a drawn one of its label says the same. */
const sameBox = 0.7

/** A sheet as a labeller gets it. */
export function newSheet(
  image: Size,
  boxes: readonly Drawn[],
  suggestions: readonly Suggestion[],
  label: string,
): Sheet {
  const open = suggestions.filter(
    (found) => !boxes.some((drawn) => drawn.label === found.label && overlapOf(drawn, found) >= sameBox),
  )
  return {
    image,
    boxes: boxes.map((what, index) => ({ id: `box ${index}`, what })),
    suggestions: open.map((what, index) => ({ id: `suggestion ${index}`, what })),
    selectedId: undefined,
    label,
    past: [],
    future: [],
    lastStep: undefined,
    nextId: boxes.length,
  }
}

/** What the labeller answers. */
export function answerOf({ boxes }: Sheet): Drawn[] {
  return boxes.map(({ what }) => what)
}

/** Boxes and suggestions from left to right in lines, as one reads. */
export function readingOrder({ boxes, suggestions }: Sheet): readonly Placed<Drawn | Suggestion>[] {
  return [...boxes, ...suggestions].sort(
    ({ what: { box: one } }, { what: { box: other } }) => one.y - other.y || one.x - other.x,
  )
}

export function selectedIn(sheet: Sheet): Placed<Drawn | Suggestion> | undefined {
  return [...sheet.boxes, ...sheet.suggestions].find(({ id }) => id === sheet.selectedId)
}

/** The sheet after a change; the same sheet when there is nothing to change. */
export function changed(sheet: Sheet, change: Change): Sheet {
  switch (change.do) {
    case 'draw':
      return drawn(sheet, boxBetween(change.from, change.to, sheet.image))
    case 'place':
      return placed(sheet, change.id, change)
    case 'move':
      return nudged(sheet, 'move', (one) => ({ ...one, box: movedBy(one, change.by, sheet.image) }))
    case 'stretch':
      return nudged(sheet, 'stretch', (one) => ({ ...one, box: stretchedBy(one, change.by, sheet.image) }))
    case 'turn':
      return nudged(sheet, 'turn', (one) => turnedBy(one, change.by, sheet.image))
    case 'label':
      return relabelled(sheet, change.label)
    case 'select':
      return { ...sheet, selectedId: change.id, lastStep: undefined }
    case 'walk':
      return walked(sheet, change.by)
    case 'remove':
      return removed(sheet)
    case 'accept':
      return accepted(sheet)
    case 'acceptAll':
      return acceptedAll(sheet)
    case 'copy':
      return copied(sheet, change.boxes)
    case 'undo':
      return undone(sheet)
    case 'redo':
      return redone(sheet)
  }
}

function drawn(sheet: Sheet, box: Box): Sheet {
  const id = `box ${sheet.nextId}`
  const what = { ...plain, label: sheet.label, box }
  const kept = keep(sheet, { ...sheet, boxes: [...sheet.boxes, { id, what }] })
  return { ...kept, selectedId: id, nextId: sheet.nextId + 1 }
}

const plain = { difficult: false, truncated: false, crowd: false } as const

function placed(sheet: Sheet, id: string, { box, rotation }: Turned): Sheet {
  const taken = takenUp(sheet, id)
  const boxes = taken.boxes.map((one) => (one.id === id ? { id, what: { ...one.what, box, rotation } } : one))
  return { ...keep(sheet, { ...taken, boxes }), selectedId: id }
}

function nudged(sheet: Sheet, step: string, nudge: (one: Turned) => Turned): Sheet {
  const selected = selectedIn(sheet)
  if (!selected) return sheet
  const after = placed(sheet, selected.id, nudge(selected.what))
  const lastStep = `${step} ${selected.id}`
  // one undo for one walk of the arrow keys
  return { ...after, past: sheet.lastStep === lastStep ? sheet.past : after.past, lastStep }
}

function relabelled(sheet: Sheet, label: string): Sheet {
  const selected = selectedIn(sheet)
  if (!selected || selected.what.label === label) return { ...sheet, label }
  const taken = takenUp(sheet, selected.id)
  const boxes = taken.boxes.map((one) =>
    one.id === selected.id ? { ...one, what: { ...one.what, label } } : one,
  )
  return { ...keep(sheet, { ...taken, boxes }), label }
}

function walked(sheet: Sheet, by: 1 | -1): Sheet {
  const order = readingOrder(sheet)
  if (order.length === 0) return sheet
  const at = order.findIndex(({ id }) => id === sheet.selectedId)
  const start = at === -1 && by === -1 ? 0 : at
  const next = order[(start + by + order.length) % order.length]
  return { ...sheet, selectedId: next?.id, lastStep: undefined }
}

function removed(sheet: Sheet): Sheet {
  const { selectedId } = sheet
  if (selectedId === undefined) return sheet
  const isOther = ({ id }: { id: string }) => id !== selectedId
  const after = {
    ...sheet,
    boxes: sheet.boxes.filter(isOther),
    suggestions: sheet.suggestions.filter(isOther),
  }
  return { ...keep(sheet, after), selectedId: undefined }
}

/** The selected suggestion, or the most certain one, becomes a box. */
function accepted(sheet: Sheet): Sheet {
  const { suggestions, selectedId } = sheet
  const chosen = suggestions.find(({ id }) => id === selectedId) ?? mostCertain(suggestions)
  if (!chosen) return sheet
  return { ...keep(sheet, takenUp(sheet, chosen.id)), selectedId: chosen.id }
}

function mostCertain(suggestions: readonly Placed<Suggestion>[]): Placed<Suggestion> | undefined {
  return suggestions.toSorted(({ what: one }, { what: other }) => other.score - one.score)[0]
}

function acceptedAll(sheet: Sheet): Sheet {
  if (sheet.suggestions.length === 0) return sheet
  return keep(
    sheet,
    sheet.suggestions.reduce((after, { id }) => takenUp(after, id), sheet),
  )
}

/** The sheet with a suggestion made a box of the same id; any other id changes nothing. */
function takenUp(sheet: Sheet, id: string): Sheet {
  const found = sheet.suggestions.find((one) => one.id === id)
  if (!found) return sheet
  const { label, rotation } = found.what
  const box = fitting(found.what, sheet.image)
  const suggestions = sheet.suggestions.filter((one) => one !== found)
  if (!box) return { ...sheet, suggestions }
  const what = { ...plain, label, box, rotation }
  return { ...sheet, suggestions, boxes: [...sheet.boxes, { id, what }] }
}

function copied(sheet: Sheet, others: readonly Drawn[]): Sheet {
  const taken = others.flatMap((what) => {
    const box = fitting(what, sheet.image)
    return box ? [{ ...what, box }] : []
  })
  if (taken.length === 0) return sheet
  const added = taken.map((what, index) => ({ id: `box ${sheet.nextId + index}`, what }))
  const kept = keep(sheet, { ...sheet, boxes: [...sheet.boxes, ...added] })
  return { ...kept, nextId: sheet.nextId + added.length }
}

function undone(sheet: Sheet): Sheet {
  const before = sheet.past.at(-1)
  if (!before) return sheet
  return stillSelected({
    ...{ ...sheet, ...before, lastStep: undefined },
    ...{ past: sheet.past.slice(0, -1), future: [contentOf(sheet), ...sheet.future] },
  })
}

function redone(sheet: Sheet): Sheet {
  const [after, ...future] = sheet.future
  if (!after) return sheet
  return stillSelected({
    ...{ ...sheet, ...after, lastStep: undefined },
    ...{ past: [...sheet.past, contentOf(sheet)], future },
  })
}

function stillSelected(sheet: Sheet): Sheet {
  return selectedIn(sheet) ? sheet : { ...sheet, selectedId: undefined }
}

/** `after`, with the way back to `before`. */
function keep(before: Sheet, after: Sheet): Sheet {
  return { ...after, past: [...before.past, contentOf(before)], future: [], lastStep: undefined }
}

function contentOf({ boxes, suggestions }: Sheet): Content {
  return { boxes, suggestions }
}
