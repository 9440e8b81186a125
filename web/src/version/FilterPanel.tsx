import {
  Anchor,
  Button,
  Collapse,
  Group,
  NumberInput,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { AssetFilter } from '../graph/schema.generated.ts'
import { FoundFilter } from './FoundFilter.tsx'
import type { VersionShown } from './VersionPage.tsx'
import { metadataOf, rangeKeys, type AssetsWanted, type RangeKey, type WordsKey } from './assets-wanted.ts'

interface FilterPanelProps {
  readonly labels: readonly { readonly label: string }[]
  readonly sets: VersionShown['predictionSets']
  readonly wanted: AssetsWanted
  readonly onWant: (wanted: AssetsWanted) => void
}

const labelKeys = ['anyLabels', 'allLabels', 'noLabels'] as const
const tagKeys = ['anyTags', 'noTags'] as const

/** Which images are wanted; goes into the address when it is applied. */
export function FilterPanel({ labels, sets, wanted, onWant }: FilterPanelProps) {
  const { t } = useTranslation('version')
  const [filter, setFilter] = useState<AssetFilter>(wanted.filter ?? {})
  const [isMore, setMore] = useState(isBeyondLabels(wanted.filter))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onWant({ ...wanted, filter: meaning(filter) })
  }
  const wordsField = (key: WordsKey, data: string[]) => (
    <TagsInput
      key={key}
      size="xs"
      label={t(`filter.${key}`)}
      data={data}
      value={filter[key] ?? []}
      onChange={(words) => setFilter({ ...filter, [key]: words })}
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
    />
  )
  return (
    <Stack gap="xs" component="section" aria-label={t('filters')}>
      <Title order={2} size="h5">
        {t('filters')}
      </Title>
      <form onSubmit={submit}>
        <Stack gap="xs">
          {labelKeys.map((key) =>
            wordsField(
              key,
              labels.map(({ label }) => label),
            ),
          )}
          {sets.length > 0 && (
            <FoundFilter
              sets={sets}
              labels={labels.map(({ label }) => label)}
              value={filter.predictions}
              onChange={(predictions) => setFilter({ ...filter, predictions })}
            />
          )}
          <Anchor
            component="button"
            type="button"
            size="xs"
            aria-expanded={isMore}
            onClick={() => setMore(!isMore)}
          >
            {isMore ? t('fewerFilters') : t('moreFilters')}
          </Anchor>
          <Collapse expanded={isMore}>
            <Stack gap="xs">
              {tagKeys.map((key) => wordsField(key, []))}
              {rangeKeys.map((key) => (
                <RangeField
                  key={key}
                  name={key}
                  value={filter[key]}
                  onChange={(range) => setFilter({ ...filter, [key]: range })}
                />
              ))}
              <TextInput
                size="xs"
                label={t('filter.nameContains')}
                value={filter.nameContains ?? ''}
                onChange={({ currentTarget: { value } }) => setFilter({ ...filter, nameContains: value })}
              />
              <TagsInput
                size="xs"
                label={t('filter.metadata')}
                description={t('filter.metadataAdvice')}
                value={(filter.metadata ?? []).map(({ key, value }) =>
                  value == null ? key : `${key}=${value}`,
                )}
                onChange={(words) => setFilter({ ...filter, metadata: words.map(metadataOf) })}
              />
            </Stack>
          </Collapse>
          <Group gap="xs" grow>
            <Button type="submit" size="xs">
              {t('apply')}
            </Button>
            <Button size="xs" variant="default" onClick={() => onWant({ ...wanted, filter: null })}>
              {t('clear')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Stack>
  )
}

interface RangeFieldProps {
  readonly name: RangeKey
  readonly value: AssetFilter[RangeKey]
  readonly onChange: (range: NonNullable<AssetFilter[RangeKey]>) => void
}

function RangeField({ name, value, onChange }: RangeFieldProps) {
  const { t } = useTranslation('version')
  const end = (key: 'min' | 'max') => (
    <NumberInput
      size="xs"
      min={0}
      allowDecimal={false}
      hideControls
      aria-label={t(`range.${key}`, { what: t(`filter.${name}`) })}
      placeholder={t(`range.${key}Short`)}
      value={value?.[key] ?? ''}
      onChange={(typed) => onChange({ ...value, [key]: typeof typed === 'number' ? typed : undefined })}
    />
  )
  return (
    <div>
      <Text size="xs" fw={500}>
        {t(`filter.${name}`)}
      </Text>
      <Group gap={6} grow wrap="nowrap">
        {end('min')}
        {end('max')}
      </Group>
    </div>
  )
}

/** Whether a filter says more than what is always in sight. */
function isBeyondLabels(filter: AssetFilter | null): boolean {
  const inSight: readonly string[] = [...labelKeys, 'predictions']
  return Object.keys(filter ?? {}).some((key) => !inSight.includes(key))
}

/** Without what was left empty; null when nothing is left. */
function meaning(filter: AssetFilter): AssetFilter | null {
  const said = Object.entries(filter).filter(([, value]) => isSaid(value))
  return said.length ? (Object.fromEntries(said) as AssetFilter) : null // some of its entries
}

function isSaid(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.values(value).some((end) => end != null)
  return value != null && value !== ''
}
