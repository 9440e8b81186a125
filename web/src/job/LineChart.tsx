import { Group, Text } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useMemo, useState, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { niceTicks } from './ticks.ts'
import type { Point } from './scalars.ts'
import './chart.css'

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
  /** A CSS colour. */
  readonly colour: string
  /** Drawn pale behind the line, e.g. the same before it was smoothed. */
  readonly behind?: readonly Point[]
  /** What stands beside the name while nothing is pointed at; otherwise the last value. */
  readonly figure?: number
}

interface LineChartProps {
  readonly lines: readonly Line[]
  /** Read to those who do not see it. */
  readonly label: string
  readonly height?: number
  /** What a value is written as; otherwise with three significant digits. */
  readonly format?: (y: number) => string
  readonly xName: string
  /** Left out: as the points are. */
  readonly yRange?: readonly [number, number]
}

const margin = { left: 56, right: 10, top: 8, bottom: 20 }

/** Lines over steps, with the values under the pointer. */
export function LineChart({ lines, label, height = 180, format, xName, yRange }: LineChartProps) {
  const { i18n } = useTranslation()
  const { ref, width } = useElementSize()
  const [pointed, setPointed] = useState<number>()
  const told = useMemo(
    () => new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 3 }),
    [i18n.language],
  )
  const write = format ?? ((y: number) => told.format(y))
  const scales = scalesOf(lines, width, height, yRange)
  const at = pointed === undefined ? undefined : scales.xAt(pointed)
  return (
    <div ref={ref} className="chart">
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={label}
        onPointerMove={(event: PointerEvent<SVGSVGElement>) =>
          setPointed(event.clientX - event.currentTarget.getBoundingClientRect().left)
        }
        onPointerLeave={() => setPointed(undefined)}
      >
        {width > 0 && (
          <>
            {scales.yTicks.map((tick) => (
              <g key={tick} className="tick">
                <line x1={margin.left} x2={width - margin.right} y1={scales.y(tick)} y2={scales.y(tick)} />
                <text x={margin.left - 6} y={scales.y(tick)} dy="0.32em" textAnchor="end">
                  {write(tick)}
                </text>
              </g>
            ))}
            {scales.xTicks.map((tick) => (
              <text key={tick} className="tick" x={scales.x(tick)} y={height - 4} textAnchor="middle">
                {told.format(tick)}
              </text>
            ))}
            {lines.map(({ name, points, colour, behind }) => (
              <g key={name} stroke={colour} fill="none">
                {behind && <path className="behind" d={pathOf(behind, scales)} />}
                <path
                  data-line={name}
                  data-points={points.length}
                  strokeWidth={1.75}
                  d={pathOf(points, scales)}
                />
                {points.length === 1 && (
                  <circle cx={scales.x(points[0]!.x)} cy={scales.y(points[0]!.y)} r={2.5} fill={colour} />
                )}
              </g>
            ))}
            {at !== undefined && (
              <line
                className="pointed"
                x1={scales.x(at)}
                x2={scales.x(at)}
                y1={margin.top}
                y2={height - margin.bottom}
              />
            )}
          </>
        )}
      </svg>
      <Group gap="md" px={margin.right} className="figures">
        {lines.map(({ name, points, colour, figure }) => {
          const value = at === undefined ? (figure ?? points.at(-1)?.y) : nearest(points, at)?.y
          return (
            <Group key={name} gap={6} wrap="nowrap">
              <span className="swatch" style={{ background: colour }} />
              <Text size="xs" c="dimmed">
                {name}
              </Text>
              <Text size="xs" fw={600}>
                {value !== undefined && write(value)}
              </Text>
            </Group>
          )
        })}
        {at !== undefined && (
          <Text size="xs" c="dimmed" ml="auto">
            {`${xName} ${told.format(at)}`}
          </Text>
        )}
      </Group>
    </div>
  )
}

interface Scales {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly xTicks: readonly number[]
  readonly yTicks: readonly number[]
  /** The step that is drawn nearest to a place. */
  readonly xAt: (pixel: number) => number | undefined
}

function scalesOf(
  lines: readonly Line[],
  width: number,
  height: number,
  yRange: readonly [number, number] | undefined,
): Scales {
  const all = lines.flatMap(({ points }) => points)
  const [lowX, highX] = rangeOf(all.map(({ x }) => x))
  const yTicks = niceTicks(...(yRange ?? rangeOf(all.map(({ y }) => y))), 4)
  const [lowY, highY] = [yTicks[0]!, yTicks.at(-1)!]
  const room = { x: Math.max(1, width - margin.left - margin.right), y: height - margin.top - margin.bottom }
  const x = (value: number) => margin.left + ((value - lowX) / (highX - lowX || 1)) * room.x
  return {
    x,
    y: (value) => margin.top + (1 - (value - lowY) / (highY - lowY || 1)) * room.y,
    xTicks: niceTicks(lowX, highX, Math.max(2, Math.floor(width / 110))).filter(
      (tick) => tick >= lowX && tick <= highX,
    ),
    yTicks,
    xAt: (pixel) => {
      const wanted = lowX + ((pixel - margin.left) / room.x) * (highX - lowX)
      return all.length === 0 ? undefined : nearest(all, wanted)!.x
    },
  }
}

function rangeOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1]
  // not Math.min(...values): as many arguments as points may be too many
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  )
}

function nearest(points: readonly Point[], x: number): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, point) => (best === undefined || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
    undefined,
  )
}

function pathOf(points: readonly Point[], { x, y }: Scales): string {
  return points
    .map((point, index) => `${index ? 'L' : 'M'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`)
    .join('')
}
