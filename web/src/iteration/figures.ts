import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

/** Numbers as people of the page's language write them. */
export function useFormats() {
  const { i18n } = useTranslation()
  return useMemo(() => {
    const number = new Intl.NumberFormat(i18n.language)
    const digit = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
    const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', ...digit })
    const points = new Intl.NumberFormat(i18n.language, { ...digit, signDisplay: 'exceptZero' })
    return {
      number: (value: number) => number.format(value),
      percent: (share: number) => percent.format(share),
      points: (difference: number) => points.format(difference * 100),
    }
  }, [i18n.language])
}
