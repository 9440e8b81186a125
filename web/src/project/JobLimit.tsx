import { Button, Group, NumberInput, Skeleton, Text } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { tell } from '../look/notices.tsx'
import { ProjectJobLimitDocument, SetProjectJobLimitDocument } from './settings.generated.ts'

/** How many jobs of the project hold slots at once; administrators set it. */
export function JobLimit({ projectId, mayChange }: { projectId: string; mayChange: boolean }) {
  const { t } = useTranslation('project')
  const { t: tApp } = useTranslation()
  const { data, error, refetch } = useQuery(ProjectJobLimitDocument, { variables: { projectId } })
  const [set, { loading, error: notSet }] = useMutation(SetProjectJobLimitDocument, {
    refetchQueries: ['ProjectJobLimit'],
  })
  const [wanted, setWanted] = useState<number | ''>()
  const limit = data?.projectJobLimit ?? null

  async function keep() {
    const next = typeof wanted === 'number' ? wanted : null
    await set({ variables: { input: { projectId, limit: next } } })
    tell(t('settingsKept'))
  }

  return (
    <Section title={t('jobLimit')} advice={t('jobLimitAdvice')}>
      <Problem error={error} retry={() => void refetch()} />
      {!data && !error && <Skeleton h={36} w={200} />}
      {data && !mayChange && (
        <Text size="sm">{limit === null ? t('noLimit') : t('limitOf', { count: limit })}</Text>
      )}
      {data && mayChange && (
        <Group align="flex-end" gap="xs">
          <NumberInput
            label={t('jobsAtOnce')}
            placeholder={t('noLimit')}
            min={1}
            max={1_000}
            allowDecimal={false}
            value={wanted ?? limit ?? ''}
            onChange={(value) => setWanted(typeof value === 'number' ? value : '')}
          />
          {/* the mutation's error is shown by Problem */}
          <Button variant="light" loading={loading} onClick={() => void keep().catch(() => undefined)}>
            {tApp('save')}
          </Button>
        </Group>
      )}
      <Problem error={notSet} />
    </Section>
  )
}
