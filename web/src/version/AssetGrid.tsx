import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AssetImage } from '../asset/AssetImage.tsx'
import type { AssetPages } from './asset-pages.ts'
import type { GridAsset } from './useAssetPages.ts'
import { shown, type Drawn } from './view.ts'
import './version.css'

interface AssetGridProps {
  readonly pages: AssetPages<GridAsset>
  readonly drawn: Drawn
  /** Least width of a cell, pixels. */
  readonly cellSize: number
  /** The place to begin at, counted from 0. */
  readonly at: number
  readonly addressOf: (asset: GridAsset, place: number) => string
}

const gap = 6

/** All images of a list, of which only those in the window are there. */
export function AssetGrid({ pages, drawn, cellSize, at, addressOf }: AssetGridProps) {
  const { t } = useTranslation('version')
  const scroller = useRef<HTMLDivElement>(null)
  const { ref, width } = useElementSize()
  const columns = Math.max(1, Math.floor((width + gap) / (cellSize + gap)))
  const side = width ? (width - gap * (columns - 1)) / columns : cellSize
  const rows = useVirtualizer({
    count: Math.ceil((pages.totalCount ?? 0) / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => side + gap,
    overscan: 3,
  })
  useEffect(() => rows.measure(), [rows, side])
  const items = rows.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? 0) + 1]
  useEffect(() => pages.want(first * columns, last * columns), [pages, first, last, columns])
  useStartAt(at, columns, width > 0 && pages.totalCount !== undefined, (row) =>
    rows.scrollToIndex(row, { align: 'center' }),
  )
  return (
    <div ref={scroller} className="asset-grid" tabIndex={0} role="region" aria-label={t('images')}>
      <div ref={ref} style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start }) => (
          <div
            key={index}
            className="asset-row"
            style={{
              transform: `translateY(${start}px)`,
              gridTemplateColumns: `repeat(${columns}, 1fr)`,
              height: side,
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
function useStartAt(at: number, columns: number, isReady: boolean, goTo: (row: number) => void) {
  const done = useRef(false)
  useEffect(() => {
    if (!isReady || done.current) return
    done.current = true
    if (at > 0) goTo(Math.floor(at / columns))
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
