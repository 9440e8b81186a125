import { Text } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, type CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import { ansiSpans, type AnsiSpan } from './ansi.ts'
import type { LogLine } from './log-text.ts'
import './log.css'

const lineHeight = 18
/** Nearer to the end than this, it is followed again. */
const nearPixels = 24

interface LogLinesProps {
  readonly lines: readonly LogLine[]
  /** Indexes of the lines that a search found. */
  readonly found: readonly number[]
  /** The one of them that is looked at. */
  readonly current: number | undefined
  readonly isFollowing: boolean
  readonly onLeave: () => void
  readonly onReachEnd: () => void
}

/** The lines of a log; only those in sight are in the page. */
export function LogLines({ lines, found, current, isFollowing, onLeave, onReachEnd }: LogLinesProps) {
  const { t } = useTranslation('job')
  const box = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  const foundSet = useMemo(() => new Set(found), [found])

  useEffect(() => {
    if (isFollowing && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines.length, rows])
  useEffect(() => {
    if (current !== undefined) rows.scrollToIndex(current, { align: 'center' })
  }, [current, rows])

  function onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const isUpwards = scrollTop < lastTop.current
    lastTop.current = scrollTop
    if (isUpwards && isFollowing) onLeave()
    if (
      !isUpwards &&
      !isFollowing &&
      current === undefined &&
      scrollHeight - scrollTop - clientHeight < nearPixels
    )
      onReachEnd()
  }

  return (
    <div
      ref={box}
      className="log"
      role="log"
      aria-label={t('log')}
      aria-live="off"
      tabIndex={0}
      onScroll={onScroll}
    >
      {lines.length === 0 && (
        <Text p="sm" size="sm" c="dimmed">
          {t('logEmpty')}
        </Text>
      )}
      <div className="log-lines" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => (
          <Line
            key={index}
            line={lines[index]!}
            top={start}
            className={index === current ? 'is-current' : foundSet.has(index) ? 'is-found' : ''}
          />
        ))}
      </div>
    </div>
  )
}

function Line({ line, top, className }: { line: LogLine; top: number; className: string }) {
  return (
    <div
      className={`log-line ${line.stream === 'STDERR' ? 'from-stderr' : ''} ${className}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className="log-number">{line.number}</span>
      <span className="log-text">
        {ansiSpans(line.text).map((span, index) => (
          <span key={index} style={styleOf(span)}>
            {span.text}
          </span>
        ))}
      </span>
    </div>
  )
}

function styleOf({ colour, background, bold, dim, italic, underline }: AnsiSpan): CSSProperties {
  return {
    color: colour,
    background,
    fontWeight: bold && 700,
    opacity: dim && 0.7,
    fontStyle: italic && 'italic',
    textDecoration: underline && 'underline',
  }
}
