import { Field, Float, Int, ObjectType } from 'type-graphql'
import {
  annotationCountBins,
  boxAspectBins,
  boxSideBins,
  imageSideBins,
  type Statistics,
} from '../page/statistics.ts'
import { imbalanceOf } from './imbalance.ts'

@ObjectType({ description: 'How many lie from one value up to another.' })
class HistogramBin {
  @Field(() => Float)
  from!: number

  @Field(() => Float, { nullable: true, description: 'Exclusive; null: no upper end.' })
  to!: number | null

  @Field(() => Int)
  count!: number
}

@ObjectType({
  description: 'Labels with very different numbers of annotations: the rare ones are learnt badly.',
})
class LabelImbalance {
  @Field(() => String)
  mostFrequent!: string

  @Field(() => String)
  leastFrequent!: string

  @Field(() => Float, {
    description: 'Annotations of the most frequent label for one of the least frequent.',
  })
  ratio!: number

  @Field(() => [String], {
    description: 'Labels with less than a tenth of the annotations that each would have if all had as many.',
  })
  rare!: string[]

  @Field(() => String, { description: 'The same in words.' })
  message!: string
}

@ObjectType({ description: 'Sums over the pages of a version.' })
export class DatasetStatistics {
  @Field(() => [HistogramBin], {
    description:
      "Annotations by their box's area in square pixels; 1024 and 9216 are COCO's borders of small and large.",
  })
  boxAreas!: HistogramBin[]

  @Field(() => [HistogramBin], { description: "Annotations by their box's width divided by its height." })
  boxAspects!: HistogramBin[]

  @Field(() => [HistogramBin], { description: "Assets by the image's area in pixels." })
  imageAreas!: HistogramBin[]

  @Field(() => [HistogramBin], { description: 'Assets by the number of their annotations.' })
  annotationsPerAsset!: HistogramBin[]

  @Field(() => LabelImbalance, { nullable: true, description: 'Null when no label is rare.' })
  imbalance!: LabelImbalance | null
}

export function statisticsOf(counts: Statistics): DatasetStatistics {
  const squares = (sides: readonly number[]) => sides.map((side) => side * side)
  return {
    boxAreas: binsOf(squares(boxSideBins), counts.boxSides),
    boxAspects: binsOf(boxAspectBins, counts.boxAspects),
    imageAreas: binsOf(squares(imageSideBins), counts.imageSides),
    annotationsPerAsset: binsOf(annotationCountBins, counts.annotationsPerAsset),
    imbalance: imbalanceOf(counts.labels) ?? null,
  }
}

function binsOf(starts: readonly number[], counts: readonly number[]): HistogramBin[] {
  return starts.map((from, bin) => ({ from, to: starts[bin + 1] ?? null, count: counts[bin] ?? 0 }))
}
