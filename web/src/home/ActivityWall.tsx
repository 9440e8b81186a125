import { Text } from '@mantine/core'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { kinds, levelOf, type DayOfWork } from './wall.ts'

const cell = 11
const gap = 3
const pitch = cell + gap
const monthsHeight = 16

/** How far the keys go: up and down a day, left and right a week. */
const steps: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  ArrowLeft: -7,
  ArrowRight: 7,
}

/** A square for each day, the darker the busier; its figures are told for the day under the pointer or the keys. */
export function ActivityWall({ days }: { days: readonly DayOfWork[] }) {
  const { t } = useTranslation('home')
  const [index, setIndex] = useState(days.length - 1)
  const levels = useMemo(() => {
    const counts = days.map(({ count }) => count)
    return counts.map((count) => levelOf(count, counts))
  }, [days])
  const tellDay = useDayWords()
  const told = tellDay(days[index])
  const total = days.reduce((sum, { count }) => sum + count, 0)

  function move(event: KeyboardEvent) {
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    setIndex(Math.max(0, Math.min(days.length - 1, index + step)))
  }

  const width = Math.ceil(days.length / 7) * pitch
  return (
    <>
      <div
        className="wall"
        role="slider"
        tabIndex={0}
        aria-label={t('activityOfYear', { count: total })}
        aria-valuemin={0}
        aria-valuemax={days.length - 1}
        aria-valuenow={index}
        aria-valuetext={told}
        onKeyDown={move}
      >
        <svg width={width} height={monthsHeight + 7 * pitch} aria-hidden>
          <Months days={days} />
          {days.map(({ date }, day) => (
            <rect
              key={date}
              className={`level-${levels[day]}${day === index ? ' chosen' : ''}`}
              x={Math.floor(day / 7) * pitch}
              y={monthsHeight + (day % 7) * pitch}
              width={cell}
              height={cell}
              rx={2}
              onPointerEnter={() => setIndex(day)}
            />
          ))}
        </svg>
      </div>
      <Text size="sm" c="dimmed" className="figures">
        {told}
      </Text>
    </>
  )
}

/** Names of months over the week in which they begin. */
function Months({ days }: { days: readonly DayOfWork[] }) {
  const { i18n } = useTranslation()
  const month = new Intl.DateTimeFormat(i18n.language, { month: 'short', timeZone: 'UTC' })
  return days
    .filter(({ date }) => date.endsWith('-01'))
    .map(({ date }) => (
      <text key={date} x={Math.floor(days.findIndex((day) => day.date === date) / 7) * pitch} y={10}>
        {month.format(new Date(date))}
      </text>
    ))
}

function useDayWords(): (day: DayOfWork | undefined) => string {
  const { t } = useTranslation('home')
  const { day: dayName } = useFormats()
  return (day) => {
    if (!day) return ''
    const done = kinds
      .filter((kind) => day.byKind[kind] > 0)
      .map((kind) => t(`done.${kind}`, { count: day.byKind[kind] }))
    // noon: no time zone makes another day of it
    return t('onDay', {
      day: dayName(`${day.date}T12:00:00Z`),
      done: done.length > 0 ? done.join(', ') : t('nothing'),
    })
  }
}
