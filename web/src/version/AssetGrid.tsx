import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AssetImage } from '../asset/AssetImage.tsx'
import type { AssetPages } from './asset-pages.ts'
import type { GridAsset } from './useAssetPages.ts'
import { useLongScroll } from './long-scroll.ts'
import { shown, type Drawn } from './view.ts'
import './version.css'

interface AssetGridProps {
  readonly pages: AssetPages<GridAsset>
  readonly drawn: Drawn
  /** Least width of a cell, pixels. */
  readonly cellSize: number
  /** The place where somebody was before, counted from 0. */
  readonly at: number | undefined
  readonly addressOf: (asset: GridAsset, place: number) => string
}

const gap = 6
/** Width by height of a cell: that of most cameras. */
const cellShape = 4 / 3

/** All images of a list, of which only those in the window are there. */
export function AssetGrid({ pages, drawn, cellSize, at, addressOf }: AssetGridProps) {
  const { t } = useTranslation('version')
  const scroller = useRef<HTMLDivElement>(null)
  const { ref, width } = useElementSize()
  const columns = Math.max(1, Math.floor((width + gap) / (cellSize + gap)))
  const cellHeight = (width ? (width - gap * (columns - 1)) / columns : cellSize) / cellShape
  const rowHeight = cellHeight + gap
  const rowCount = Math.ceil((pages.totalCount ?? 0) / columns)
  const { shift, height, goTo, observeElementOffset } = useLongScroll(rowCount * rowHeight)
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    observeElementOffset,
    overscan: 3,
  })
  useEffect(() => rows.measure(), [rows, rowHeight])
  const items = rows.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? 0) + 1]
  useEffect(() => pages.want(first * columns, last * columns), [pages, first, last, columns])
  useStartAt(at, columns, width > 0 && rowCount > 0, (row) =>
    goTo(Math.max(0, row * rowHeight - (scroller.current?.clientHeight ?? 0) / 2)),
  )
  return (
    <div ref={scroller} className="asset-grid" tabIndex={0} role="region" aria-label={t('images')}>
      <div ref={ref} style={{ height, position: 'relative' }}>
        {items.map(({ index, start }) => (
          <div
            key={index}
            className="asset-row"
            style={{
              transform: `translateY(${start + shift}px)`,
              gridTemplateColumns: `repeat(${columns}, 1fr)`,
              height: cellHeight,
            }}
          >
            {placesOf(index, columns, pages.totalCount ?? 0).map((place) => (
              <Cell
                key={place}
                asset={pages.at(place)}
                place={place}
                drawn={drawn}
                isCurrent={place === at}
                addressOf={addressOf}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

/** Goes once to the place where somebody was before. */
function useStartAt(at: number | undefined, columns: number, isReady: boolean, goTo: (row: number) => void) {
  const done = useRef(false)
  useEffect(() => {
    if (!isReady || done.current) return
    done.current = true
    if (at) goTo(Math.floor(at / columns))
  })
}

function Cell({
  asset,
  place,
  drawn,
  isCurrent,
  addressOf,
}: {
  asset: GridAsset | undefined
  place: number
  drawn: Drawn
  isCurrent: boolean
  addressOf: AssetGridProps['addressOf']
}) {
  const { t } = useTranslation('version')
  if (!asset) return <div className="asset-cell loading" />
  const predictions = shown(asset.predictions ?? [], drawn).filter(({ score }) => score >= drawn.score)
  return (
    <Link
      to={addressOf(asset, place)}
      className="asset-cell"
      aria-current={isCurrent || undefined}
      data-asset={asset.id}
    >
      <AssetImage
        src={asset.thumbnailUrl}
        width={asset.width}
        height={asset.height}
        annotations={drawn.showsTruth ? shown(asset.annotations, drawn) : []}
        predictions={predictions}
        alt={t('imageNumber', { number: place + 1, count: asset.annotations.length })}
        eager
      />
    </Link>
  )
}

function placesOf(row: number, columns: number, total: number): number[] {
  const from = row * columns
  return Array.from({ length: Math.min(columns, total - from) }, (_, index) => from + index)
}
