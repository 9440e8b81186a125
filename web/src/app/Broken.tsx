import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router'

/** In the place of a page that threw. */
export function Broken() {
  const { t } = useTranslation()
  const error = useRouteError()
  return (
    <Stack role="alert" align="flex-start" p="md">
      <Title order={1} size="h3">
        {t('pageBroke')}
      </Title>
      <Text>{t('pageBrokeAdvice')}</Text>
      <Code block>{error instanceof Error ? error.message : String(error)}</Code>
      <Button onClick={() => location.reload()}>{t('reload')}</Button>
    </Stack>
  )
}
