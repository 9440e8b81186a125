/**
 * Arithmetic on values, element by element.
 *
 * A second operand without gradient may be broadcast (a scalar, a row of factors); operands that learn have the shape
 * of the result, because no gradient is summed over a broadcast here.
 */
import { elementCount, type Shape, type Value } from './graph.ts'

export function add(a: Value, b: Value): Value {
  const sum = elementwise('Add', a, b)
  return sum.graph.differentiable(sum, [a, b], (gradient) => [gradient, gradient])
}

export function subtract(a: Value, b: Value): Value {
  const difference = elementwise('Sub', a, b)
  return difference.graph.differentiable(difference, [a, b], (gradient) => [
    gradient,
    b.learns ? negate(gradient) : undefined,
  ])
}

export function multiply(a: Value, b: Value): Value {
  const product = elementwise('Mul', a, b)
  return product.graph.differentiable(product, [a, b], (gradient) => [
    a.learns ? elementwise('Mul', gradient, b) : undefined,
    b.learns ? elementwise('Mul', gradient, a) : undefined,
  ])
}

export function divide(a: Value, b: Value): Value {
  const quotient = elementwise('Div', a, b)
  return quotient.graph.differentiable(quotient, [a, b], (gradient) => {
    const share = elementwise('Div', gradient, b)
    return [share, b.learns ? negate(elementwise('Mul', share, quotient)) : undefined]
  })
}

export function minimum(a: Value, b: Value): Value {
  return choose('Min', 'Less', a, b)
}

export function maximum(a: Value, b: Value): Value {
  return choose('Max', 'Greater', a, b)
}

export function exponential(a: Value): Value {
  const result = unary('Exp', a)
  return a.graph.differentiable(result, [a], (gradient) => [elementwise('Mul', gradient, result)])
}

/** No gradient flows where the bounds cut. */
export function clip(a: Value, low: number, high: number): Value {
  const { graph } = a
  const result = graph.operator('Clip', [a, graph.scalar(low), graph.scalar(high)], a.shape)
  return graph.differentiable(result, [a], (gradient) => [
    where(graph.operator('Equal', [a, result], a.shape), gradient, graph.scalar(0)),
  ])
}

export function rectify(a: Value): Value {
  const { graph } = a
  const result = unary('Relu', a)
  return graph.differentiable(result, [a], (gradient) => [
    where(graph.operator('Greater', [result, graph.scalar(0)], a.shape), gradient, graph.scalar(0)),
  ])
}

/** Sum of all elements, without gradient: what it is used for are figures to report. */
export function total(a: Value): Value {
  return a.graph.operator('ReduceSum', [a], [], { attributes: { keepdims: 0 } })
}

export function negate(a: Value): Value {
  return unary('Neg', a)
}

/** One-operand operators without gradient. */
export function unary(
  operator: 'Neg' | 'Exp' | 'Relu' | 'Sqrt' | 'Sigmoid' | 'Softplus' | 'Reciprocal',
  a: Value,
): Value {
  return a.graph.operator(operator, [a], a.shape)
}

export function where(condition: Value, yes: Value, no: Value): Value {
  return condition.graph.operator('Where', [condition, yes, no], condition.shape)
}

function choose(operator: 'Min' | 'Max', comparison: 'Less' | 'Greater', a: Value, b: Value): Value {
  const { graph } = a
  const result = elementwise(operator, a, b)
  return graph.differentiable(result, [a, b], (gradient) => {
    const first = graph.operator(comparison, [a, b], result.shape)
    const zero = graph.scalar(0)
    return [where(first, gradient, zero), b.learns ? where(first, zero, gradient) : undefined]
  })
}

function elementwise(operator: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Min' | 'Max', a: Value, b: Value): Value {
  const shape = elementCount(b.shape) > elementCount(a.shape) ? b.shape : a.shape
  refuseLearntBroadcast(operator, shape, [a, b])
  return a.graph.operator(operator, [a, b], shape)
}

function refuseLearntBroadcast(operator: string, shape: Shape, operands: readonly Value[]): void {
  for (const operand of operands)
    if (operand.learns && elementCount(operand.shape) !== elementCount(shape))
      throw new Error(
        `${operator} would broadcast ${operand.name} [${operand.shape}], which learns, to [${shape}]`,
      )
}
