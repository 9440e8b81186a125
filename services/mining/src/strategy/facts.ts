/** Why an asset was picked, in figures: classes by their index among those of the model. */
export interface PickFacts {
  /** The likeliest class of the box that counted most. */
  readonly classIndex?: number
  readonly probability?: number
  /** The next likely one (MARGIN). */
  readonly secondClassIndex?: number
  readonly secondProbability?: number
  /** Euclidean distance of its embedding to the nearest labelled or earlier picked asset; none for the first (CORE_SET). */
  readonly nearestDistance?: number
  /** The group of alike assets that it stands for, from 0, and how many that are (TYPICLUST). */
  readonly cluster?: number
  readonly clusterSize?: number
  /** Boxes of the class in the training set (CLASS_BALANCE). */
  readonly labelledBoxes?: number
}
