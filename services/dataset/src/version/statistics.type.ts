import { Field, Float, Int, ObjectType } from 'type-graphql'
import { annotationCountBins, boxSideBins, imageSideBins, type Statistics } from '../page/statistics.ts'

@ObjectType({ description: 'How many lie from one value up to another.' })
class HistogramBin {
  @Field(() => Float)
  from!: number

  @Field(() => Float, { nullable: true, description: 'Exclusive; null: no upper end.' })
  to!: number | null

  @Field(() => Int)
  count!: number
}

@ObjectType({ description: 'Sums over the pages of a version.' })
export class DatasetStatistics {
  @Field(() => [HistogramBin], {
    description:
      "Annotations by their box's area in square pixels; 1024 and 9216 are COCO's borders of small and large.",
  })
  boxAreas!: HistogramBin[]

  @Field(() => [HistogramBin], { description: "Assets by the image's area in pixels." })
  imageAreas!: HistogramBin[]

  @Field(() => [HistogramBin], { description: 'Assets by the number of their annotations.' })
  annotationsPerAsset!: HistogramBin[]
}

export function statisticsOf(counts: Statistics): DatasetStatistics {
  const squares = (sides: readonly number[]) => sides.map((side) => side * side)
  return {
    boxAreas: binsOf(squares(boxSideBins), counts.boxSides),
    imageAreas: binsOf(squares(imageSideBins), counts.imageSides),
    annotationsPerAsset: binsOf(annotationCountBins, counts.annotationsPerAsset),
  }
}

function binsOf(starts: readonly number[], counts: readonly number[]): HistogramBin[] {
  return starts.map((from, bin) => ({ from, to: starts[bin + 1] ?? null, count: counts[bin] ?? 0 }))
}
