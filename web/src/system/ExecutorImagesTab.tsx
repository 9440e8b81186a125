import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@apollo/client/react'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { ExecutorImageCard } from './ExecutorImageCard.tsx'
import { RegisterExecutorImage } from './RegisterExecutorImage.tsx'
import { SystemExecutorImagesDocument } from './executor-images.generated.ts'

/** The algorithms of the platform: registered, pulled, switched on and off. */
export function ExecutorImagesTab() {
  const { t } = useTranslation('system')
  const [isRegistering, { open, close }] = useDisclosure()
  const { data, error, refetch } = useQuery(SystemExecutorImagesDocument)
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={640}>
          {t('imagesAdvice')}
        </Text>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={open}>
          {t('registerImage')}
        </Button>
      </Group>
      {isRegistering && <RegisterExecutorImage onClose={close} />}
      <Problem error={error} retry={() => void refetch()} />
      {!data && !error && <ListSkeleton height={120} />}
      {data?.executorImages.length === 0 && <Empty title={t('noImages')} />}
      <Stack component="ul" className="plain-list">
        {data?.executorImages.map((image) => (
          <ExecutorImageCard key={image.id} image={image} />
        ))}
      </Stack>
    </>
  )
}
