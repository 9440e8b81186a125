import { useEffect, useReducer } from 'react'
import type { Size } from './box.ts'
import {
  changed,
  newSheet,
  selectedIn,
  type Change,
  type Drawn,
  type Sheet,
  type Suggestion,
} from './sheet.ts'
import { around } from './turned.ts'
import { useSight, type Sight } from './sight.ts'

/** The label drawn last: the next image goes on with it. */
let lastLabel: string | undefined

/** A sheet that is drawn on, and what is seen of it; made anew for each image by its `key`. */
export function useSheet(
  image: Size,
  start: readonly Drawn[],
  suggestions: readonly Suggestion[],
  classes: readonly string[],
): { sheet: Sheet; change: (change: Change) => void; sight: Sight } {
  const [sheet, change] = useReducer(changed, undefined, () => {
    const label = classes.find((one) => one === lastLabel) ?? classes[0] ?? ''
    return newSheet({ width: image.width, height: image.height }, start, suggestions, label)
  })
  const sight = useSight(sheet.image)
  const selected = selectedIn(sheet)
  const { reveal } = sight
  useEffect(() => {
    lastLabel = sheet.label
  }, [sheet.label])
  useEffect(() => {
    if (selected) reveal(around(selected.what))
    // only what is selected anew is looked for: the view stays where the pointer works
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected?.id])
  return { sheet, change, sight }
}
