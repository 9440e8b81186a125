import { table, paint } from '../commands/terminal.ts'

/** A line of the table of rounds. */
export interface RoundFacts {
  readonly round: number
  readonly trainingCount: number
  readonly poolCount: number
  readonly map50: number | null
  readonly change: number | null
  readonly interval: { readonly low: number; readonly high: number } | null
}

const percent = (share: number | null) => (share === null ? '' : (share * 100).toFixed(2))

/** The table of rounds for a terminal, with arrows as for stocks. */
export function roundsTable(rounds: readonly RoundFacts[]): string {
  const arrow = ({ change }: RoundFacts) => {
    if (change === null) return ''
    return `${change >= 0 ? '▲ +' : '▼ '}${(change * 100).toFixed(2)}`
  }
  const range = ({ interval }: RoundFacts) =>
    interval ? `${percent(interval.low)} to ${percent(interval.high)}` : ''
  const text = table(
    ['round', 'training', 'pool', 'mAP@0.5 %', 'change', '95 % interval'],
    rounds.map((one) => [
      String(one.round),
      String(one.trainingCount),
      String(one.poolCount),
      percent(one.map50),
      arrow(one),
      range(one),
    ]),
  )
  return text.replace(/▲ \S+/g, paint.green).replace(/▼ \S+/g, paint.red)
}

const box = { width: 640, height: 360, left: 60, right: 20, top: 40, bottom: 50 }

/** The rounds as a chart (SVG): mAP over the size of the training set, with its interval. */
export function roundsChart(rounds: readonly RoundFacts[], title: string): string {
  const points = rounds.filter((one) => one.map50 !== null)
  const lows = points.map((one) => one.interval?.low ?? one.map50 ?? 0)
  const highs = points.map((one) => one.interval?.high ?? one.map50 ?? 1)
  const from = Math.max(0, Math.floor(Math.min(...lows) * 20) / 20)
  const to = Math.min(1, Math.ceil(Math.max(...highs) * 20) / 20)
  const step = (box.width - box.left - box.right) / Math.max(1, points.length - 1)
  const x = (index: number) =>
    box.left + 20 + index * ((step * Math.max(1, points.length - 1) - 40) / Math.max(1, points.length - 1))
  const y = (value: number) =>
    box.top + ((to - value) / (to - from || 1)) * (box.height - box.top - box.bottom)
  const at = (value: number) => value.toFixed(1)

  const grid = Array.from(
    { length: Math.round((to - from) / 0.05) + 1 },
    (_, index) => from + index * 0.05,
  ).map(
    (value) =>
      `<line x1="${box.left}" x2="${box.width - box.right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="#ddd"/>` +
      `<text x="${box.left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${Math.round(value * 100)}</text>`,
  )
  const line = points.map((one, index) => `${at(x(index))},${at(y(one.map50 ?? 0))}`).join(' ')
  const marks = points.map((one, index) => {
    const value = one.map50 ?? 0
    const interval = one.interval
      ? `<line x1="${at(x(index))}" x2="${at(x(index))}" y1="${at(y(one.interval.low))}" y2="${at(y(one.interval.high))}" stroke="#9bc" stroke-width="5"/>`
      : ''
    return (
      interval +
      `<circle cx="${at(x(index))}" cy="${at(y(value))}" r="5" fill="#06c"/>` +
      `<text x="${at(x(index))}" y="${at(y(value) - 12)}" text-anchor="middle" font-weight="bold">${(value * 100).toFixed(1)}</text>` +
      `<text x="${at(x(index))}" y="${box.height - box.bottom + 20}" text-anchor="middle">${one.trainingCount}</text>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${box.height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${box.left}" y="22" font-size="15" font-weight="bold">${escape(title)}</text>`,
    ...grid,
    `<polyline points="${line}" fill="none" stroke="#06c" stroke-width="2"/>`,
    ...marks,
    `<text x="${box.width / 2}" y="${box.height - 8}" text-anchor="middle">images in the training set</text>`,
    `<text x="14" y="${box.height / 2}" transform="rotate(-90 14 ${box.height / 2})" text-anchor="middle">mAP@0.5, %</text>`,
    '</svg>\n',
  ].join('\n')
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
