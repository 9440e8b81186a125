import {
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asText, decisiveNames, fromText, NotAParameter, type Parameters as Values } from './parameters.ts'

type View = 'FEW' | 'ALL' | 'TEXT'

interface ParametersProps {
  readonly template: Values
  readonly value: Values
  readonly onChange: (value: Values) => void
}

/** Hyper-parameters with the defaults of the image: the decisive few, all of them, or all as text. */
export function Parameters({ template, value, onChange }: ParametersProps) {
  const { t } = useTranslation('train')
  const [view, setView] = useState<View>('FEW')
  const names = view === 'FEW' ? decisiveNames(template) : Object.keys(template)
  if (Object.keys(template).length === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('noParameters')}
      </Text>
    )
  return (
    <Stack>
      <SegmentedControl
        aria-label={t('parametersShown')}
        value={view}
        onChange={(chosen) => setView(chosen as View)} // one of its data
        data={[
          { value: 'FEW', label: t('few') },
          { value: 'ALL', label: t('all') },
          { value: 'TEXT', label: t('asText') },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
      {view === 'TEXT' ? (
        <ParameterText value={value} onChange={onChange} />
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          {names.map((name) => (
            <ParameterField
              key={name}
              name={name}
              standard={template[name]}
              value={value[name]}
              onChange={(one) => onChange({ ...value, [name]: one })}
            />
          ))}
        </SimpleGrid>
      )}
    </Stack>
  )
}

interface ParameterFieldProps {
  readonly name: string
  /** The default, which gives the type. */
  readonly standard: unknown
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

function ParameterField({ name, standard, value, onChange }: ParameterFieldProps) {
  const { t } = useTranslation('train')
  const isChanged = JSON.stringify(value) !== JSON.stringify(standard)
  const description = isChanged ? t('standard', { value: String(standard) }) : undefined
  if (typeof standard === 'boolean')
    return (
      <Switch
        label={name}
        description={description}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
        mt={28}
      />
    )
  if (typeof standard === 'number')
    return (
      <NumberInput
        label={name}
        description={description}
        allowDecimal={!Number.isInteger(standard) || standard === 0}
        value={typeof value === 'number' ? value : ''}
        onChange={(given) => onChange(given === '' ? standard : Number(given))}
      />
    )
  if (typeof standard === 'string')
    return (
      <TextInput
        label={name}
        description={description}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return <JsonField name={name} value={value} onChange={onChange} />
}

/** A list or an object, in JSON. */
function JsonField({ name, value, onChange }: Omit<ParameterFieldProps, 'standard'>) {
  const { t } = useTranslation('train')
  const [text, setText] = useState(() => JSON.stringify(value))
  const [isWrong, setWrong] = useState(false)
  function take(given: string) {
    setText(given)
    try {
      onChange(JSON.parse(given))
      setWrong(false)
    } catch {
      setWrong(true)
    }
  }
  return (
    <TextInput
      label={name}
      value={text}
      error={isWrong ? t('notJson') : undefined}
      onChange={(event) => take(event.currentTarget.value)}
    />
  )
}

function ParameterText({ value, onChange }: { value: Values; onChange: (value: Values) => void }) {
  const { t } = useTranslation('train')
  const [text, setText] = useState(() => asText(value))
  const [wrong, setWrong] = useState<NotAParameter>()
  function take(given: string) {
    setText(given)
    try {
      onChange(fromText(given))
      setWrong(undefined)
    } catch (problem) {
      if (!(problem instanceof NotAParameter)) throw problem
      setWrong(problem)
    }
  }
  return (
    <Textarea
      label={t('parametersAsText')}
      description={t('parametersAsTextAdvice')}
      error={wrong && t('wrongLine', { line: wrong.line, text: wrong.text })}
      value={text}
      onChange={(event) => take(event.currentTarget.value)}
      autosize
      minRows={6}
      maxRows={24}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
    />
  )
}
