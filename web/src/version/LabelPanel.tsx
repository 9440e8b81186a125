import { Alert, Button, Checkbox, Group, Stack, Text, Title } from '@mantine/core'
import { IconScale } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import type { VersionRowFragment } from '../dataset/dataset.generated.ts'
import './version.css'

interface LabelPanelProps {
  readonly labels: VersionRowFragment['labels']
  readonly hidden: ReadonlySet<string>
  readonly onHide: (labels: Iterable<string>) => void
}

/** Each label with its share as a bar and a switch; says when one is much rarer than another. */
export function LabelPanel({ labels, hidden, onHide }: LabelPanelProps) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const byCount = [...labels].sort((a, b) => b.annotationCount - a.annotationCount)
  const most = byCount[0]?.annotationCount ?? 1
  const isAll = !labels.some(({ label }) => hidden.has(label))
  return (
    <Stack gap="xs" component="section" aria-label={t('labels')}>
      <Group justify="space-between">
        <Title order={2} size="h5">
          {t('labels')}
        </Title>
        {labels.length > 1 && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => onHide(isAll ? labels.map(({ label }) => label) : [])}
          >
            {isAll ? t('hideAll') : t('showAll')}
          </Button>
        )}
      </Group>
      {labels.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noLabels')}
        </Text>
      )}
      {byCount.map(({ label, annotationCount }) => (
        <div key={label} className="label-row">
          <Checkbox
            size="xs"
            label={label}
            color={labelColour(label)}
            checked={!hidden.has(label)}
            onChange={({ currentTarget: { checked } }) => onHide(changed(hidden, label, !checked))}
            style={{ gridColumn: '1 / 3' }}
          />
          <Text size="xs" c="dimmed" className="figures">
            {number(annotationCount)}
          </Text>
          <div className="bar" style={{ gridColumn: '1 / 4' }} aria-hidden>
            <div style={{ width: `${(annotationCount / most) * 100}%`, background: labelColour(label) }} />
          </div>
        </div>
      ))}
      <Imbalance byCount={byCount} />
    </Stack>
  )
}

const orderOfMagnitude = 10

function Imbalance({ byCount }: { byCount: VersionRowFragment['labels'] }) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const [most, least] = [byCount[0], byCount.at(-1)]
  if (!most || !least || most.annotationCount <= orderOfMagnitude * least.annotationCount) return null
  return (
    <Alert color="orange" p="xs" icon={<IconScale size={18} aria-hidden />} title={t('imbalance')}>
      <Text size="xs">
        {t('imbalanceOf', {
          most: most.label,
          least: least.label,
          ratio: number(Math.round(most.annotationCount / Math.max(1, least.annotationCount))),
        })}
      </Text>
    </Alert>
  )
}

function changed(before: ReadonlySet<string>, label: string, hide: boolean): Set<string> {
  const after = new Set(before)
  if (hide) after.add(label)
  else after.delete(label)
  return after
}
