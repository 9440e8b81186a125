import { MultiSelect, Select } from '@mantine/core'
import { useVersionName, type VersionChoice } from './choices.ts'

interface Labelled {
  readonly label: string
  readonly description?: string
  readonly disabled?: boolean
}

/** One version of the project's datasets, the newest of each dataset first. */
export function VersionSelect({
  versions,
  value,
  onChange,
  ...rest
}: Labelled & {
  readonly versions: readonly VersionChoice[]
  readonly value: string | null
  readonly onChange: (versionId: string | null) => void
}) {
  const options = useOptions(versions)
  return (
    <Select
      data={options}
      value={value}
      onChange={onChange}
      searchable
      allowDeselect={false}
      comboboxProps={{ shadow: 'md' }}
      {...rest}
    />
  )
}

/** Several versions, or none. */
export function VersionsSelect({
  versions,
  value,
  onChange,
  ...rest
}: Labelled & {
  readonly versions: readonly VersionChoice[]
  readonly value: readonly string[]
  readonly onChange: (versionIds: string[]) => void
}) {
  const options = useOptions(versions)
  return (
    <MultiSelect
      data={options}
      value={[...value]}
      onChange={onChange}
      searchable
      clearable
      comboboxProps={{ shadow: 'md' }}
      {...rest}
    />
  )
}

function useOptions(versions: readonly VersionChoice[]) {
  const nameOf = useVersionName()
  return versions.map((version) => ({ value: version.id, label: nameOf(version) }))
}
