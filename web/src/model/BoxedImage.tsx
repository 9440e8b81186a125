import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import './model.css'

export interface DrawnBox {
  readonly label: string
  /** Pixels of the image. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** Of a prediction, 0 to 1; left out of the truth. */
  readonly score?: number
}

/** An image that tells its own size, with boxes over it: what is there in whole lines, what was found in broken ones. */
export function BoxedImage({ src, alt, boxes }: { src: string; alt: string; boxes: readonly DrawnBox[] }) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const [size, setSize] = useState<{ width: number; height: number }>()
  return (
    <div className="found-photo">
      <img
        src={src}
        alt={alt}
        loading="lazy"
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setSize({ width: naturalWidth, height: naturalHeight })
        }
      />
      {size && (
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          role="img"
          aria-label={t('boxCount', { count: boxes.length })}
        >
          {boxes.map(({ label, box, score }, index) => (
            <g key={index} data-box={label} data-score={score}>
              <rect
                {...box}
                stroke={labelColour(label)}
                className={score === undefined ? 'truth' : 'found'}
              />
              <text
                x={box.x + 2}
                y={box.y}
                dy={box.y < size.height / 20 ? '1em' : '-0.3em'}
                fontSize={size.width / 42}
              >
                {score === undefined ? label : `${label} ${percent(score)}`}
              </text>
            </g>
          ))}
        </svg>
      )}
    </div>
  )
}
