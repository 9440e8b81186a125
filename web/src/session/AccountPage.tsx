import { useMutation, useQuery } from '@apollo/client/react'
import { Table, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../look/Confirm.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { ApiKeyRow } from './ApiKeyRow.tsx'
import { NewApiKey } from './NewApiKey.tsx'
import { ApiKeysDocument, RevokeApiKeyDocument, type ApiKeysQuery } from './account.generated.ts'
import { useViewer } from './viewer.ts'

type ApiKey = ApiKeysQuery['apiKeys'][number]

/** Oneself, and the keys with which one's scripts come in. */
export function AccountPage() {
  const { t } = useTranslation('session')
  const viewer = useViewer()
  const { data, error, refetch } = useQuery(ApiKeysDocument)
  const [leaving, setLeaving] = useState<ApiKey>()
  const [revoke] = useMutation(RevokeApiKeyDocument, {
    refetchQueries: ['ApiKeys'],
    awaitRefetchQueries: true,
  })
  return (
    <Page
      title={t('account')}
      crumbs={[]}
      facts={t('signedInAs', { name: viewer.name, email: viewer.email })}
    >
      <Section title={t('keys')} advice={t('keysAdvice')}>
        <Problem error={error} retry={() => void refetch()} />
        {!data && !error && <ListSkeleton rows={2} />}
        {data?.apiKeys.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noKeys')}
          </Text>
        )}
        {data && data.apiKeys.length > 0 && (
          <Table.ScrollContainer minWidth={640}>
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('key')}</Table.Th>
                  <Table.Th>{t('scopes')}</Table.Th>
                  <Table.Th>{t('made')}</Table.Th>
                  <Table.Th>{t('lastUsed')}</Table.Th>
                  <Table.Th>{t('expires')}</Table.Th>
                  <Table.Th w={48} aria-label={t('revoke')} />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.apiKeys.map((key) => (
                  <ApiKeyRow key={key.id} apiKey={key} onRevoke={() => setLeaving(key)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <NewApiKey />
      </Section>
      {leaving && (
        <Confirm
          question={t('revokeQuestion', { name: leaving.name })}
          consequence={t('revokeConsequence')}
          action={t('revoke')}
          onConfirm={() => revoke({ variables: { input: { id: leaving.id } } })}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Page>
  )
}
