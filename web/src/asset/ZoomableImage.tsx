import { ActionIcon, Group, Switch, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconMaximize, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { useEffect, useRef, useState, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { AssetImage, type ShownAnnotation } from './AssetImage.tsx'
import type { AssetPartsFragment, PredictionPartsFragment } from './asset-parts.generated.ts'

interface ZoomableImageProps {
  readonly asset: AssetPartsFragment
  readonly annotations: readonly ShownAnnotation[]
  readonly predictions: readonly PredictionPartsFragment[]
  readonly alt: string
}

interface Window {
  /** 1: the whole image fits. */
  readonly scale: number
  readonly x: number
  readonly y: number
}

const whole: Window = { scale: 1, x: 0, y: 0 }
const largest = 16
const step = 1.4

/** An image to look at closely: the wheel and + and - zoom, dragging moves it, 0 shows all of it. */
export function ZoomableImage({ asset, annotations, predictions, alt }: ZoomableImageProps) {
  const { t } = useTranslation('asset')
  const { i18n } = useTranslation()
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  const [window, setWindow] = useState(whole)
  const [named, setNamed] = useState(true)
  const frame = useRef<HTMLDivElement>(null)
  const zoom = (factor: number, at = { x: 0, y: 0 }) => setWindow((before) => zoomed(before, factor, at))
  useHotkeys([
    ['+', () => zoom(step)],
    ['=', () => zoom(step)],
    ['-', () => zoom(1 / step)],
    ['0', () => setWindow(whole)],
    ['L', () => setNamed((is) => !is)],
  ])
  useEffect(() => {
    const element = frame.current
    const turn = (event: WheelEvent) => {
      event.preventDefault() // the page stays where it is
      const { left, top, width, height } = element!.getBoundingClientRect()
      zoom(Math.exp(-event.deltaY / 400), {
        x: event.clientX - left - width / 2,
        y: event.clientY - top - height / 2,
      })
    }
    element?.addEventListener('wheel', turn, { passive: false })
    return () => element?.removeEventListener('wheel', turn)
  }, [])
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return
    event.currentTarget.setPointerCapture(event.pointerId)
    setWindow(({ scale, x, y }) => ({ scale, x: x + event.movementX, y: y + event.movementY }))
  }
  return (
    <div className="zoomable">
      <div ref={frame} className="zoom-frame" onPointerMove={drag}>
        <div
          className="zoom-content"
          style={{ transform: `translate(${window.x}px, ${window.y}px) scale(${window.scale})` }}
        >
          <AssetImage
            src={asset.url}
            width={asset.width}
            height={asset.height}
            annotations={annotations}
            predictions={predictions}
            named={named}
            alt={alt}
            eager
          />
        </div>
      </div>
      <Group className="zoom-bar" gap="xs">
        <Switch size="xs" label={t('names')} checked={named} onChange={() => setNamed(!named)} />
        <ActionIcon variant="default" aria-label={t('zoomOut')} onClick={() => zoom(1 / step)}>
          <IconZoomOut size={16} aria-hidden />
        </ActionIcon>
        <Text size="xs" className="figures" w={48} ta="center">
          {percent.format(window.scale)}
        </Text>
        <ActionIcon variant="default" aria-label={t('zoomIn')} onClick={() => zoom(step)}>
          <IconZoomIn size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t('fit')} onClick={() => setWindow(whole)}>
          <IconMaximize size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </div>
  )
}

/** What is under a point (from the middle, pixels) stays under it. */
function zoomed({ scale, x, y }: Window, factor: number, at: { x: number; y: number }): Window {
  const next = Math.min(largest, Math.max(1, scale * factor))
  if (next === 1) return whole
  const grown = next / scale
  return { scale: next, x: at.x - (at.x - x) * grown, y: at.y - (at.y - y) * grown }
}
