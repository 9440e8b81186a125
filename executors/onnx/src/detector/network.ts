/**
 * The network: a small convolutional backbone to 1/16 of the input, whose maps of 1/16, 1/8 and 1/4 are merged top down
 * (Lin et al., Feature Pyramid Networks, 2017), and three heads at 1/4: a heat map with a peak at each object's centre
 * (CenterNet, Zhou et al. 2019), and at each place which class of object is there and how far its four sides are
 * (TTFNet, Liu et al. 2020). One heat map for all classes, because where objects are is the same question for look-alike
 * kinds: it is learnt from all of them together, and the class from every place of an object instead of its centre alone.
 */

/** Image pixels to a side of one heat-map cell. */
export const STRIDE = 4

/** Input sides are multiples of this, so that all maps meet. */
export const SIZE_MULTIPLE = 16

/** Channel counts: they make a network's weights what they are. */
export interface NetworkWidths {
  /** of the backbone at 1/2, 1/4, 1/8 and 1/16 of the input */
  readonly backbone: readonly [number, number, number, number]
  /** of the merged maps at 1/8 and at 1/4 */
  readonly merged: readonly [number, number]
}

/** `tiny` is for tests; each further one computes about twice as much as the one before it. */
export const networkWidths = {
  tiny: { backbone: [4, 8, 8, 8], merged: [8, 8] },
  small: { backbone: [12, 24, 48, 96], merged: [48, 32] },
  medium: { backbone: [16, 32, 64, 128], merged: [64, 48] },
  large: { backbone: [24, 48, 96, 192], merged: [96, 64] },
} as const satisfies Record<string, NetworkWidths>

export type NetworkSize = keyof typeof networkWidths

/**
 * What a network is made of. The same description is read by the training graph, by the inference graph and, with
 * channel counts for values, by whoever needs to know which weights there are.
 */
export interface Blocks<Value> {
  /** convolution, batch normalisation, ReLU */
  block(name: string, input: Value, channels: number, options?: BlockOptions): Value
  /** 1 x 1 convolution with bias */
  linear(name: string, input: Value, channels: number): Value
  add(a: Value, b: Value): Value
  /** twice the height and width */
  upsample(a: Value): Value
}

export interface BlockOptions {
  readonly stride?: 1 | 2
  /** the input is added before the ReLU (He et al., Deep Residual Learning, 2016); channels and size stay the same */
  readonly residual?: boolean
}

/** Sides of every convolution that is not {@link Blocks.linear}. */
export const KERNEL = 3

export interface Heads<Value> {
  /** [batch, 1, height / 4, width / 4], before the sigmoid */
  readonly heat: Value
  /** [batch, classes, height / 4, width / 4], before the softmax */
  readonly classes: Value
  /** [batch, 4, height / 4, width / 4], logarithms of the distances to left, top, right, bottom, in cells */
  readonly sides: Value
  /** [batch, channels, height / 16, width / 16]: what the heads see at its most abstract */
  readonly features: Value
}

/** @param image [batch, 3, height, width] */
export function network<Value>(
  blocks: Blocks<Value>,
  widths: NetworkWidths,
  classCount: number,
  image: Value,
): Heads<Value> {
  const [half, quarter, eighth, sixteenth] = widths.backbone
  const [mergedEighth, mergedQuarter] = widths.merged
  const at2 = blocks.block('backbone2', image, half, { stride: 2 })
  const at4 = blocks.block('backbone4', at2, quarter, { stride: 2 })
  const halved8 = blocks.block('backbone8a', at4, eighth, { stride: 2 })
  const at8 = blocks.block('backbone8b', halved8, eighth, { residual: true })
  const halved16 = blocks.block('backbone16a', at8, sixteenth, { stride: 2 })
  const refined16 = blocks.block('backbone16b', halved16, sixteenth, { residual: true })
  const at16 = blocks.block('backbone16c', refined16, sixteenth, { residual: true })

  const down8 = blocks.upsample(blocks.linear('lateral16', at16, mergedEighth))
  const merged8 = blocks.block(
    'merged8',
    blocks.add(down8, blocks.linear('lateral8', at8, mergedEighth)),
    mergedEighth,
  )
  const narrowed8 =
    mergedQuarter === mergedEighth ? merged8 : blocks.linear('narrow8', merged8, mergedQuarter)
  const sum4 = blocks.add(blocks.upsample(narrowed8), blocks.linear('lateral4', at4, mergedQuarter))
  const merged4 = blocks.block('merged4', sum4, mergedQuarter)
  return {
    heat: blocks.linear('heat', merged4, 1),
    classes: blocks.linear('classes', merged4, classCount),
    sides: blocks.linear('sides', merged4, 4),
    features: at16,
  }
}
