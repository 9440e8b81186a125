import { Alert, Button, Stack, Text } from '@mantine/core'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** What went wrong, in the words of the graph, and the way out. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  if (!error) return null
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('problem')}>
      <Stack gap="xs" align="flex-start">
        {problemsIn(error).map((problem) => (
          <Text key={problem} size="sm">
            {problem}
          </Text>
        ))}
        {retry && (
          <Button size="xs" variant="light" color="red" onClick={retry}>
            {t('tryAgain')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

/** The messages of an error of the graph, or its own. */
export function problemsIn(error: unknown): string[] {
  if (CombinedGraphQLErrors.is(error)) return [...new Set(error.errors.map(({ message }) => message))]
  return [error instanceof Error ? error.message : String(error)]
}
