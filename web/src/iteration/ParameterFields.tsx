import { Button, Collapse, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Parameters } from '../train/Parameters.tsx'
import { changeable, changed } from '../train/parameters.ts'

type Values = Readonly<Record<string, unknown>>

/** An image's hyper-parameters, for those who want them. */
export function ParameterFields({
  template,
  value,
  onChange,
}: {
  /** The image's, as the graph has it. */
  readonly template: unknown
  /** What is other than in the template. */
  readonly value: Values
  readonly onChange: (value: Values) => void
}) {
  const { t } = useTranslation('iteration')
  const [isOpen, { toggle }] = useDisclosure()
  const standard = changeable(template)
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        variant="subtle"
        size="compact-sm"
        color="gray"
        aria-expanded={isOpen}
        leftSection={<Chevron size={16} aria-hidden />}
        onClick={toggle}
      >
        {t('trainingParameters')}
      </Button>
      <Collapse expanded={isOpen} w="100%">
        <Parameters
          template={standard}
          value={{ ...standard, ...value }}
          onChange={(chosen) => onChange(changed(standard, chosen))}
        />
      </Collapse>
    </Stack>
  )
}
