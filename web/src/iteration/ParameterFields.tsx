import { Button, Collapse, NumberInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { objectOf } from './start.ts'

type Parameters = Readonly<Record<string, unknown>>

/** An image's hyper-parameters, for those who want them: what its template has, and what was changed. */
export function ParameterFields({
  template,
  value,
  onChange,
}: {
  /** The image's, as the graph has it. */
  readonly template: unknown
  readonly value: Parameters
  readonly onChange: (value: Parameters) => void
}) {
  const { t } = useTranslation('iteration')
  const [isOpen, { toggle }] = useDisclosure()
  const parameters = Object.entries({ ...objectOf(template), ...value }).filter(([, one]) => isPlain(one))
  if (parameters.length === 0) return null
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        variant="subtle"
        size="compact-sm"
        color="gray"
        aria-expanded={isOpen}
        leftSection={
          isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />
        }
        onClick={toggle}
      >
        {t('trainingParameters')}
      </Button>
      <Collapse expanded={isOpen} w="100%">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
          {parameters.map(([name, one]) => (
            <ParameterField
              key={name}
              name={name}
              value={one}
              onChange={(changed) => onChange({ ...value, [name]: changed })}
            />
          ))}
        </SimpleGrid>
      </Collapse>
    </Stack>
  )
}

function ParameterField({
  name,
  value,
  onChange,
}: {
  readonly name: string
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}) {
  if (typeof value === 'boolean')
    return (
      <Switch
        label={name}
        checked={value}
        onChange={({ currentTarget: { checked } }) => onChange(checked)}
        mt={28}
      />
    )
  if (typeof value === 'number')
    return (
      <NumberInput
        label={name}
        value={value}
        decimalScale={12}
        onChange={(changed) => typeof changed === 'number' && onChange(changed)}
      />
    )
  return (
    <TextInput
      label={name}
      value={String(value)}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

const isPlain = (value: unknown) => ['boolean', 'number', 'string'].includes(typeof value)
