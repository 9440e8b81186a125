import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

/** Numbers and times as people of the page's language write them. */
export interface Formats {
  readonly number: (value: number) => string
  /** 0 to 1, with one decimal: 0.9312 is 93.1 %. */
  readonly percent: (share: number) => string
  /** A difference of shares in points, with its sign: 0.0312 is +3.1. */
  readonly points: (difference: number) => string
  readonly bytes: (count: number) => string
  /** Day and time of an RFC 3339 time. */
  readonly time: (at: string) => string
  readonly day: (at: string) => string
  /** How long before (or after) now, in the largest unit that fits: `3 hours ago`. */
  readonly ago: (at: string) => string
  /** How long, in the largest unit that fits: `3 hours`. */
  readonly duration: (seconds: number) => string
}

export function useFormats(): Formats {
  const { i18n } = useTranslation()
  return useMemo(() => formatsOf(i18n.language), [i18n.language])
}

/** @param language as BCP 47 has it */
export function formatsOf(language: string): Formats {
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  const points = new Intl.NumberFormat(language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    points: (difference) => points.format(difference * 100),
    bytes: (count) => bytes(count, language),
    time: (at) => time.format(new Date(at)),
    day: (at) => day.format(new Date(at)),
    ago: (at) => {
      const { value, unit } = span((Date.parse(at) - Date.now()) / 1000)
      return relative.format(value, unit)
    },
    duration: (seconds) => duration(seconds, language),
  }
}

function duration(seconds: number, language: string): string {
  const { value, unit } = span(seconds)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

function bytes(count: number, language: string): string {
  const power = count < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(count) / 3))
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: byteUnits[power],
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(count / 1000 ** power)
}

const secondsIn = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Seconds in the largest unit of which they hold one: -7200 is -2 hours. */
export function span(seconds: number): { value: number; unit: Intl.RelativeTimeFormatUnit } {
  const fitting = secondsIn.find(([, length]) => Math.abs(seconds) >= length)
  if (!fitting) return { value: Math.round(seconds), unit: 'second' }
  const [unit, length] = fitting
  return { value: Math.trunc(seconds / length), unit }
}
