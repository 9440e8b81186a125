interface SparklineProps {
  /** Oldest first; at least two make a line. */
  readonly values: readonly number[]
  /** What it shows, in words. */
  readonly label: string
  readonly width?: number
  readonly height?: number
}

const margin = 3

/** A small line of how a figure went; its last point is marked. */
export function Sparkline({ values, label, width = 96, height = 28 }: SparklineProps) {
  if (values.length < 2) return null
  const points = pointsOf(values, width, height)
  const [x, y] = points.at(-1)!
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className="sparkline"
    >
      <polyline points={points.map((point) => point.join(',')).join(' ')} />
      <circle cx={x} cy={y} r={2.5} />
    </svg>
  )
}

/** Evenly spread from left to right, the lowest at the bottom; equal values lie in the middle. */
export function pointsOf(values: readonly number[], width: number, height: number): [number, number][] {
  const lowest = Math.min(...values)
  const range = Math.max(...values) - lowest
  const step = (width - 2 * margin) / Math.max(1, values.length - 1)
  return values.map((value, index) => {
    const share = range === 0 ? 0.5 : (value - lowest) / range
    return [round(margin + index * step), round(height - margin - share * (height - 2 * margin))]
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
