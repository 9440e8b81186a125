import { Button, Grid, Group, Paper, Progress, Stack, Text } from '@mantine/core'
import { IconBraces, IconDownload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import { save } from '../look/save.ts'
import { annotatedImage } from './annotated-image.ts'
import { BoxedImage } from './BoxedImage.tsx'
import type { InferredPhotosQuery } from './model.generated.ts'

export type FoundPhoto = NonNullable<InferredPhotosQuery['inference']>['photos'][number] & {
  /** What was uploaded: it is drawn from here, not fetched again. */
  readonly file: File
}

/** A photo with what was found on it above a confidence, and that as a list. */
export function ValidatedPhoto({ photo, threshold }: { photo: FoundPhoto; threshold: number }) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const url = useObjectUrl(photo.file)
  const found = photo.predictions.filter(({ score }) => score >= threshold)
  const saveJson = () =>
    save(
      new Blob(
        [
          JSON.stringify(
            { image: photo.name, width: photo.width, height: photo.height, threshold, found: plain(found) },
            null,
            2,
          ),
        ],
        { type: 'application/json' },
      ),
      `${photo.name}.json`,
    )
  return (
    <Paper withBorder p="md" data-photo={photo.name}>
      <Grid>
        <Grid.Col span={{ base: 12, md: 8 }}>
          {url && <BoxedImage src={url} alt={photo.name} boxes={found} />}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="xs">
            <Text fw={600} truncate>
              {photo.name}
            </Text>
            <Text size="sm" c="dimmed" role="status">
              {t('foundCount', { count: found.length })}
            </Text>
            {found.slice(0, 12).map(({ label, score }, index) => (
              <Group key={index} gap="xs" wrap="nowrap">
                <span className="dot" style={{ background: labelColour(label) }} />
                <Text size="sm" flex={1} truncate>
                  {label}
                </Text>
                <Progress value={score * 100} w={70} size="sm" aria-hidden />
                <Text size="sm" className="figures" w={56} ta="right">
                  {percent(score)}
                </Text>
              </Group>
            ))}
            <Group gap="xs" mt="xs">
              <Button
                size="xs"
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
                onClick={() =>
                  void annotatedImage(photo.file, found).then((image) =>
                    save(image, `${photo.name}.found.png`),
                  )
                }
              >
                {t('saveImage')}
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconBraces size={14} aria-hidden />}
                onClick={saveJson}
              >
                {t('saveJson')}
              </Button>
            </Group>
          </Stack>
        </Grid.Col>
      </Grid>
    </Paper>
  )
}

/** Without what the graph adds for itself. */
function plain(found: FoundPhoto['predictions']) {
  return found.map(({ label, score, box: { x, y, width, height } }) => ({
    label,
    score,
    box: { x, y, width, height },
  }))
}

/** An address of a file in this page, given back when nobody shows it any more. */
function useObjectUrl(file: File): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return url
}
