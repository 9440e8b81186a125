import { useMutation } from '@apollo/client/react'
import { Button, Group, Paper, Radio, SegmentedControl, Select, Stack, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AnnotationPolicy, BadItems, UnknownLabels } from '../graph/schema.generated.ts'
import { Problem } from '../look/Problem.tsx'
import { StartImportDocument } from './import.generated.ts'
import type { ImportSource, Inspected } from './ImportPage.tsx'

interface ImportSettingsProps {
  readonly projectId: string
  readonly datasets: readonly { readonly id: string; readonly name: string }[]
  readonly source: ImportSource
  /** Undefined for a version: it is taken as it is. */
  readonly inspection: Inspected | undefined
  /** Name of a new dataset. */
  readonly suggestion: string
  readonly onStarted: (importId: string) => void
}

const annotationPolicies: readonly AnnotationPolicy[] = ['TAKE', 'IGNORE']
const unknownLabelPolicies: readonly UnknownLabels[] = ['ADD', 'IGNORE', 'STOP']
const badItemPolicies: readonly BadItems[] = ['STOP', 'SKIP']

/** Where it goes, and what happens to what does not fit. */
export function ImportSettings({
  projectId,
  datasets,
  source,
  inspection,
  suggestion,
  onStarted,
}: ImportSettingsProps) {
  const { t } = useTranslation('import')
  const [isNew, setNew] = useState(true)
  const [name, setName] = useState(suggestion)
  const [datasetId, setDatasetId] = useState<string | null>(null)
  const [annotations, setAnnotations] = useState<AnnotationPolicy>('TAKE')
  const [unknownLabels, setUnknownLabels] = useState<UnknownLabels>('ADD')
  const [badItems, setBadItems] = useState<BadItems>('STOP')
  const [start, { loading, error }] = useMutation(StartImportDocument, {
    onCompleted: ({ importDataset }) => onStarted(importDataset.import.id),
  })
  const into = isNew ? { name: name.trim() } : { datasetId }
  const input = { projectId, annotations, unknownLabels, badItems, ...source, ...into }
  return (
    <Paper withBorder p="md" component="section">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void start({ variables: { input } }).catch(() => undefined) // `error` tells
        }}
      >
        <Stack>
          <Title order={2} size="h4">
            {t('decide')}
          </Title>
          {datasets.length > 0 && (
            <SegmentedControl
              aria-label={t('into')}
              value={isNew ? 'new' : 'old'}
              onChange={(value) => setNew(value === 'new')}
              data={[
                { value: 'new', label: t('newDataset') },
                { value: 'old', label: t('oldDataset') },
              ]}
            />
          )}
          {isNew ? (
            <TextInput
              label={t('datasetName')}
              required
              maxLength={100}
              value={name}
              onChange={({ currentTarget: { value } }) => setName(value)}
            />
          ) : (
            <Select
              label={t('dataset')}
              description={t('oldDatasetMeaning')}
              required
              searchable
              value={datasetId}
              onChange={setDatasetId}
              data={datasets.map(({ id, name: label }) => ({ value: id, label }))}
            />
          )}
          {inspection && (
            <>
              <Policy
                label={t('annotations')}
                name="annotationPolicy"
                all={annotationPolicies}
                value={annotations}
                onChange={setAnnotations}
              />
              {annotations === 'TAKE' && inspection.unknownLabels.length > 0 && (
                <Policy
                  label={t('unknownLabelsAsk', { labels: inspection.unknownLabels.join(', ') })}
                  name="unknownLabelPolicy"
                  all={unknownLabelPolicies}
                  value={unknownLabels}
                  onChange={setUnknownLabels}
                />
              )}
              <Policy
                label={t('badItemsAsk')}
                name="badItemPolicy"
                all={badItemPolicies}
                value={badItems}
                onChange={setBadItems}
              />
            </>
          )}
          <Problem error={error} />
          <Group>
            <Button type="submit" loading={loading} disabled={isNew ? !name.trim() : !datasetId}>
              {t('start')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

interface PolicyProps<Value extends string> {
  readonly label: string
  readonly name: 'annotationPolicy' | 'unknownLabelPolicy' | 'badItemPolicy'
  readonly all: readonly Value[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}

function Policy<Value extends string>({ label, name, all, value, onChange }: PolicyProps<Value>) {
  const { t } = useTranslation('import')
  // each policy has a word for each of its values; the types of the catalogue do not see the pairs
  const words = (one: Value) => t(`${name}.${one}` as 'badItemPolicy.STOP')
  return (
    <Radio.Group
      label={label}
      value={value}
      onChange={(chosen) => onChange(all.find((one) => one === chosen)!)}
    >
      <Stack gap={6} mt={6}>
        {all.map((one) => (
          <Radio key={one} size="sm" value={one} label={words(one)} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
