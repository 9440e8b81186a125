import { Alert, Badge, Group, Stack, TagsInput, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LabelSearchDocument } from './labels.generated.ts'
import { useUnknownLabels } from './useUnknownLabels.ts'

interface ClassesInputProps {
  readonly label: string
  readonly description?: string
  readonly value: readonly string[]
  readonly onChange: (classes: string[]) => void
  readonly disabled?: boolean
}

const suggested = 20

/** Classes of a project, in order: labels of the workspace are suggested, and new ones are said to be new. */
export function ClassesInput({ label, description, value, onChange, disabled }: ClassesInputProps) {
  const { t } = useTranslation('label')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 150)
  const { data, previousData } = useQuery(LabelSearchDocument, {
    variables: { search: search || null, first: suggested, after: null },
  })
  const names = (data ?? previousData)?.labels.edges.map(({ node }) => node.name) ?? []
  return (
    <Stack gap="xs">
      <TagsInput
        label={label}
        description={description}
        placeholder={value.length === 0 ? t('typeClass') : undefined}
        data={names}
        value={[...value]}
        onChange={onChange}
        searchValue={typed}
        onSearchChange={setTyped}
        // open while one types only: it would lie over the button below
        dropdownOpened={typed.trim() !== ''}
        splitChars={[',', ';', '\n', '\t']}
        maxTags={1_000}
        disabled={disabled}
        clearable
        clearButtonProps={{ 'aria-label': t('clearClasses') }}
      />
      <NewLabels classes={value} />
    </Stack>
  )
}

function NewLabels({ classes }: { classes: readonly string[] }) {
  const { t } = useTranslation('label')
  const unknown = useUnknownLabels(classes)
  if (unknown.length === 0) return null
  return (
    <Alert role="status" color="yellow" variant="light" p="sm">
      <Text size="sm" mb={6}>
        {t('newLabels', { count: unknown.length })}
      </Text>
      <Group gap={4} component="ul" className="plain-list">
        {unknown.map((name) => (
          <Badge
            key={name}
            component="li"
            variant="outline"
            color="yellow"
            c="var(--mantine-color-text)"
            tt="none"
          >
            {name}
          </Badge>
        ))}
      </Group>
    </Alert>
  )
}
