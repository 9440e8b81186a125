import {
  ActionIcon,
  Button,
  Code,
  CopyButton,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { IconCheck, IconCopy, IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

const demoCommand = 'bash ymir.sh demo'

/** For who has no project yet: make one, or see the whole loop on generated bricks. */
export function FirstSteps({ onMake }: { onMake: () => void }) {
  const { t } = useTranslation('home')
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Step title={t('ownImages')} text={t('ownImagesText')}>
        <Button onClick={onMake} leftSection={<IconPlus size={18} aria-hidden />}>
          {t('makeAndImport')}
        </Button>
      </Step>
      <Step title={t('bricks')} text={t('bricksText')}>
        <Group gap="xs">
          <Code className="command">{demoCommand}</Code>
          <CopyButton value={demoCommand}>
            {({ copied, copy }) => (
              <ActionIcon
                variant="light"
                size="lg"
                onClick={copy}
                aria-label={copied ? t('copied') : t('copyCommand')}
              >
                {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              </ActionIcon>
            )}
          </CopyButton>
        </Group>
      </Step>
    </SimpleGrid>
  )
}

function Step({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Paper withBorder p="lg">
      <Stack h="100%" justify="space-between" align="flex-start">
        <Stack gap="xs">
          <Title order={2} size="h4">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </Stack>
        {children}
      </Stack>
    </Paper>
  )
}
