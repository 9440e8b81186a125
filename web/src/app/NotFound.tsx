import { Anchor, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

/** Also for what exists and may not be seen: who may not see it is not told that it is there. */
export function NotFound() {
  const { t } = useTranslation()
  return (
    <Stack align="flex-start">
      <Text>{t('notFound')}</Text>
      <Anchor component={Link} to="/">
        {t('backHome')}
      </Anchor>
    </Stack>
  )
}
