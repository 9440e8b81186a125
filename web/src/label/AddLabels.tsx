import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { tell } from '../look/notices.tsx'
import { labelsIn } from './label-lines.ts'
import { CreateLabelsDocument } from './labels.generated.ts'

/** One label or a list of them: all are added, or none when one is taken. */
export function AddLabels() {
  const { t } = useTranslation('label')
  const [text, setText] = useState('')
  const [create, { loading, error }] = useMutation(CreateLabelsDocument, {
    refetchQueries: ['LabelSearch', 'LabelColours'],
  })
  const labels = labelsIn(text)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    await create({ variables: { input: { labels } } })
    setText('')
    tell(t('labelsAdded', { count: labels.length }))
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Stack gap="xs" maw={560}>
        <Textarea
          label={t('oneALine')}
          placeholder={t('linesExample')}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          autosize
          minRows={2}
          maxRows={12}
        />
        <Problem error={error} />
        <Group>
          <Button type="submit" variant="light" loading={loading} disabled={labels.length === 0}>
            {labels.length === 0 ? t('addLabels') : t('add', { count: labels.length })}
          </Button>
          {labels.length > 1_000 && (
            <Text size="sm" c="red">
              {t('tooMany')}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  )
}
