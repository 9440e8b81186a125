import './vendor.css'
import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { LabellingTool } from '../graph/schema.generated.ts'
import type { ConnectedToolFragment } from './tool.generated.ts'

const shownFirst = 10
/** The graph tells no more of them. */
const mostTold = 100

interface RefusedAnswersProps {
  readonly tool: LabellingTool
  readonly refused: ConnectedToolFragment['refused']
}

/** Answers in a tool that cannot be taken: of which image, why, and how they are found there. */
export function RefusedAnswers({ tool, refused }: RefusedAnswersProps) {
  const { t } = useTranslation('vendor')
  const [isWhole, { open }] = useDisclosure()
  const shown = isWhole ? refused : refused.slice(0, shownFirst)
  const count = refused.length
  return (
    <Stack gap="xs">
      <div>
        <Title order={3} size="h5">
          {count < mostTold ? t('refused', { count }) : t('refusedFirst', { count })}
        </Title>
        <Text size="sm" c="dimmed">
          {t(`refusedAdvice.${tool}`)}
        </Text>
      </div>
      <Stack component="ul" gap="sm" className="plain-list">
        {shown.map(({ taskId, itemId, problem }) => (
          <li key={itemId} data-refused={itemId}>
            <Group gap="xs">
              <Anchor component={Link} to={`/labelling/items/${itemId}`} size="sm" className="breaks">
                {t('refusedImage', { id: itemId })}
              </Anchor>
              <Anchor component={Link} to={`/labelling/${taskId}`} size="sm">
                {t('refusedTask')}
              </Anchor>
            </Group>
            {/* the service's own words, in English */}
            <Text size="sm" lang="en" className="breaks">
              {problem}
            </Text>
          </li>
        ))}
      </Stack>
      {shown.length < count && (
        <Group>
          <Button size="xs" variant="default" onClick={open}>
            {t('allRefused', { count })}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
