/** What the heads are taught. Each loss gives their gradient with respect to the heads in closed form or on the tape. */
import {
  add,
  clip,
  divide,
  exponential,
  maximum,
  minimum,
  multiply,
  negate,
  subtract,
  total,
  unary,
} from '../graph/arithmetic.ts'
import type { Value } from '../graph/graph.ts'
import { elementTypeCode } from '../graph/onnx-model.ts'
import { channels } from '../graph/shape.ts'

/** A figure to report and the gradient of it with respect to one value. */
export interface Loss {
  readonly value: Value
  readonly seed: readonly [of: Value, gradient: Value]
}

/** From here on a target counts as a centre. */
const CENTRE = 0.999

/**
 * Penalty-reduced focal loss (CornerNet, Law and Deng 2018; CenterNet, equation 1; alpha 2, beta 4), in terms of logits
 * so that it stays finite: softplus(z) = -log(1 - p), softplus(z) - z = -log(p).
 * @param logits [batch, 1, rows, columns]
 * @param target same shape, 1 at centres and falling off around them
 * @param scale one number: 1 / number of objects
 */
export function heatLoss(logits: Value, target: Value, scale: Value): Loss {
  const { graph } = logits
  const one = graph.scalar(1)
  const two = graph.scalar(2)
  const probability = unary('Sigmoid', logits)
  const complement = subtract(one, probability)
  const absent = unary('Softplus', logits)
  const present = subtract(absent, logits)

  const reached = graph.operator('GreaterOrEqual', [target, graph.scalar(CENTRE)], target.shape)
  const isCentre = graph.operator('Cast', [reached], target.shape, {
    attributes: { to: elementTypeCode.float32 },
  })
  const distance = subtract(one, target)
  const penalty = multiply(multiply(distance, distance), multiply(distance, distance))
  const centreWeight = multiply(isCentre, multiply(complement, complement))
  const otherWeight = multiply(multiply(penalty, subtract(one, isCentre)), multiply(probability, probability))

  const sum = add(multiply(centreWeight, present), multiply(otherWeight, absent))
  // d/dz of (1-p)^2 * -log p  is  -(1-p)^2 * (1 - p + 2 p * -log p);  of p^2 * -log(1-p)  is  p^2 * (p + 2 (1-p) * -log(1-p))
  const centreSlope = add(complement, multiply(two, multiply(probability, present)))
  const otherSlope = add(probability, multiply(two, multiply(complement, absent)))
  const slope = subtract(multiply(otherWeight, otherSlope), multiply(centreWeight, centreSlope))
  return { value: multiply(total(sum), scale), seed: [logits, multiply(slope, scale)] }
}

/**
 * Cross-entropy of the classes, at the places of each object.
 * @param logits [batch, classes, rows, columns]
 * @param target same shape, 1 for the class of the object at a place
 * @param weight [batch, 1, rows, columns], summing to 1 over each object's cells
 * @param scale one number: 1 / number of objects
 */
export function classLoss(logits: Value, target: Value, weight: Value, scale: Value): Loss {
  const { graph } = logits
  const overClasses = { attributes: { axis: 1 } }
  const logarithms = graph.operator('LogSoftmax', [logits], logits.shape, overClasses)
  const shares = unary('Exp', logarithms)
  const factor = multiply(multiply(weight, scale), graph.scalar(CLASS_WEIGHT))
  const value = negate(total(multiply(multiply(target, logarithms), factor)))
  return { value, seed: [logits, multiply(subtract(shares, target), factor)] }
}

/** exp(5) cells are 590 pixels: larger than any input here. */
export const LARGEST_LOG_SIDE = 5

/** Weight of classes against heat. */
const CLASS_WEIGHT = 2

/** Weight of boxes against heat (TTFNet). */
const BOX_WEIGHT = 5

/** Distances in cells from the logarithms that the head gives. */
export function sideLengths(sides: Value): Value {
  return exponential(clip(sides, -LARGEST_LOG_SIDE, LARGEST_LOG_SIDE))
}

/**
 * 1 - GIoU (Rezatofighi et al. 2019) between boxes around the same point, weighted towards centres (TTFNet).
 * @param sides [batch, 4, rows, columns], logarithms of distances to left, top, right, bottom
 * @param target same shape, distances, positive everywhere
 * @param weight [batch, 1, rows, columns], summing to 1 over each object's cells
 * @param scale one number: 1 / number of objects
 */
export function boxLoss(sides: Value, target: Value, weight: Value, scale: Value): Loss {
  const { graph } = sides
  const [left, top, right, bottom] = fourChannels(sideLengths(sides))
  const [trueLeft, trueTop, trueRight, trueBottom] = fourChannels(target)
  const overlapWidth = add(minimum(left, trueLeft), minimum(right, trueRight))
  const overlapHeight = add(minimum(top, trueTop), minimum(bottom, trueBottom))
  const overlap = multiply(overlapWidth, overlapHeight)
  const trueArea = multiply(add(trueLeft, trueRight), add(trueTop, trueBottom))
  const union = subtract(add(multiply(add(left, right), add(top, bottom)), trueArea), overlap)
  const hullWidth = add(maximum(left, trueLeft), maximum(right, trueRight))
  const hullHeight = add(maximum(top, trueTop), maximum(bottom, trueBottom))
  // GIoU = overlap / union - (hull - union) / hull, so 1 - GIoU = 2 - (overlap / union + union / hull)
  const agreement = add(divide(overlap, union), divide(union, multiply(hullWidth, hullHeight)))
  const factor = multiply(multiply(weight, scale), graph.scalar(BOX_WEIGHT))
  const value = total(multiply(factor, subtract(graph.scalar(2), agreement)))
  return { value, seed: [agreement, negate(factor)] }
}

function fourChannels(a: Value): readonly [Value, Value, Value, Value] {
  return [channels(a, 0, 1), channels(a, 1, 2), channels(a, 2, 3), channels(a, 3, 4)]
}
