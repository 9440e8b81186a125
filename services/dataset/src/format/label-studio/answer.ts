import { boxOfPolygons } from '../../annotation/outline.ts'
import type { Describing } from '../described.ts'
import type { FoundAnnotation } from '../format.ts'
import { shaped } from '../first-problem.ts'
import { tagsOf } from '../own-keys.ts'
import type { Place } from '../place.ts'
import type { Size } from '../shape.ts'
import { type Answer, region, type Task } from './label-studio-shape.ts'
import { type LabelledObject, readRegion } from './region.ts'

/**
 * Which of a task's annotations is the ground truth: each is one person's answer to the whole task, so that several together
 * would say every object several times. The one marked as ground truth, else the newest; cancelled ones never.
 */
export function chosenAnswer({ annotations = [] }: Task): { answer: Answer; index: number } | undefined {
  const answers = annotations.flatMap((answer, index) => (answer.was_cancelled ? [] : [{ answer, index }]))
  const marked = answers.filter(({ answer }) => answer.ground_truth)
  return (marked.length ? marked : answers).reduce<{ answer: Answer; index: number } | undefined>(
    (newest, one) =>
      newest && (newest.answer.updated_at ?? '') > (one.answer.updated_at ?? '') ? newest : one,
    undefined,
  )
}

/** Tells what an answer says: its objects, and its choices as tags of the image. */
export function readAnswer(
  { result = [], score }: Answer,
  image: Size,
  place: Place,
  { describing, isPrediction }: { readonly describing: Describing; readonly isPrediction: boolean },
): void {
  const parts = new Map<string, LabelledObject>()
  const objects: { object: LabelledObject; found: Omit<FoundAnnotation, 'annotation'>; part?: string }[] = []
  result.forEach((value, index) => {
    const here = { ...place, field: `${place.field}.result[${index}]` }
    describing.say(() => {
      const one = shaped(region, value, here)
      const part = one.meta?.partOf
      const sure = one.score ?? score
      const scored = isPrediction && sure != null && sure >= 0 && sure <= 1 ? { score: sure } : {}
      for (const object of readRegion(one, image, here)) {
        const known = part === undefined ? undefined : parts.get(part)
        if (part !== undefined) parts.set(part, known ? joined(known, object) : object)
        if (known) continue
        objects.push({
          object,
          found: { file: place.file, field: `${here.field}.value`, ...scored },
          ...(part ? { part } : {}),
        })
      }
      return isPrediction
        ? {}
        : { tags: tagsOf(one.value?.choices ?? [], { ...here, field: `${here.field}.value.choices` }) }
    })
  })
  for (const { object, found, part } of objects) {
    const annotation = (part && parts.get(part)) || object
    if (isPrediction) describing.takePrediction(() => ({ annotation, ...found }))
    else describing.takeGroundTruth(() => ({ annotation, ...found }))
  }
}

/** Outlines of one object. */
function joined(one: LabelledObject, other: LabelledObject): LabelledObject {
  const polygons = [...(one.polygons ?? []), ...(other.polygons ?? [])]
  return { ...one, polygons, box: boxOfPolygons(polygons) }
}
