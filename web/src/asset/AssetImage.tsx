import type { CSSProperties } from 'react'
import type { AnnotationPartsFragment, PredictionPartsFragment } from './asset-parts.generated.ts'
import { labelColour } from './label-colour.ts'
import { pathOfMask } from './mask.ts'
import './asset.css'

export type ShownAnnotation = Pick<AnnotationPartsFragment, 'label' | 'box'> &
  Partial<Omit<AnnotationPartsFragment, '__typename'>> & {
    /** Of a prediction, 0 to 1. */
    readonly score?: number
  }

interface AssetImageProps {
  /** Path of the image or of a thumbnail of it. */
  readonly src: string
  /** Of the original, pixels: what boxes are measured in. */
  readonly width: number
  readonly height: number
  /** What is there in truth: whole lines. */
  readonly annotations?: readonly ShownAnnotation[]
  /** What a model found: broken lines. */
  readonly predictions?: readonly PredictionPartsFragment[]
  /** Write each label beside its box. */
  readonly named?: boolean
  /** Load it at once instead of when it comes near the window. */
  readonly eager?: boolean
  readonly alt: string
  readonly className?: string
  readonly style?: CSSProperties
}

/** An image with its annotations drawn over it, fitted into whatever room it gets. */
export function AssetImage({
  src,
  width,
  height,
  annotations = [],
  predictions = [],
  named = false,
  eager = false,
  alt,
  className = '',
  style,
}: AssetImageProps) {
  return (
    <div className={`asset-image ${className}`} style={style}>
      <img src={src} alt={alt} loading={eager ? 'eager' : 'lazy'} decoding="async" draggable={false} />
      {(annotations.length > 0 || predictions.length > 0) && (
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid meet" aria-hidden>
          {annotations.map((annotation, index) => (
            <Outline key={index} annotation={annotation} named={named} imageWidth={width} />
          ))}
          {predictions.map((prediction, index) => (
            <Outline key={`p${index}`} annotation={prediction} named={named} imageWidth={width} found />
          ))}
        </svg>
      )}
    </div>
  )
}

function Outline({
  annotation,
  named,
  imageWidth,
  found = false,
}: {
  annotation: ShownAnnotation
  named: boolean
  imageWidth: number
  found?: boolean
}) {
  const { label, box, polygons, mask, rotation, score } = annotation
  const colour = labelColour(label)
  const turned = rotation
    ? `rotate(${(rotation * 180) / Math.PI} ${box.x + box.width / 2} ${box.y + box.height / 2})`
    : undefined
  const hasShape = Boolean(polygons?.length) || Boolean(mask)
  return (
    <g className={found ? 'outline found' : 'outline'} stroke={colour} fill={colour} data-label={label}>
      {polygons?.map((points, index) => (
        <polygon key={index} points={points.join(' ')} />
      ))}
      {mask && <path className="mask" d={pathOfMask(mask)} />}
      {!hasShape && (
        <rect
          x={box.x}
          y={box.y}
          width={box.width}
          height={box.height}
          transform={turned}
          className={annotation.crowd || annotation.difficult ? 'uncertain' : undefined}
        />
      )}
      {named && (
        <text x={box.x} y={box.y} dy="-0.25em" fontSize={imageWidth / 45}>
          {score === undefined ? label : `${label} ${score.toFixed(2)}`}
        </text>
      )}
    </g>
  )
}
