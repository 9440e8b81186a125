import { useQuery } from '@apollo/client/react'
import { Group, Paper, Skeleton, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { VersionPreviewInput } from '../../graph/schema.generated.ts'
import { Problem } from '../../look/Problem.tsx'
import { useFormats } from '../../look/formats.ts'
import { OperationPreviewDocument } from '../operations.generated.ts'

const calmMs = 300

/** How large the result would be, counted by the server before anything is made. */
export function Preview({
  input,
  names = [],
  explain,
}: {
  /** Undefined while the form does not say enough. */
  input: VersionPreviewInput | undefined
  /** Of several results, in their order. */
  names?: readonly string[]
  /** More on an error than its words. */
  explain?: (error: unknown) => ReactNode
}) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const [text] = useDebouncedValue(JSON.stringify(input), calmMs)
  const { data, error, loading } = useQuery(OperationPreviewDocument, {
    // the text is of an input, above
    variables: { input: JSON.parse(text ?? '{}') as VersionPreviewInput },
    skip: text === undefined,
    fetchPolicy: 'cache-first',
  })
  if (!input) return null
  if (error)
    return (
      <>
        <Problem error={error} />
        {explain?.(error)}
      </>
    )
  return (
    <Paper withBorder p="sm" role="status" aria-live="polite">
      <Text size="xs" c="dimmed">
        {t('wouldHold')}
      </Text>
      {!data && <Skeleton h={22} mt={4} />}
      {data?.versionPreview.map(({ assetCount, annotationCount, negativeCount }, index) => (
        <Group key={index} gap="xs" opacity={loading ? 0.5 : 1}>
          {names[index] && (
            <Text fw={500} size="sm">
              {names[index]}
            </Text>
          )}
          <Text className="figures" size="sm">
            {t('holds', {
              images: number(assetCount),
              annotations: number(annotationCount),
              negatives: number(negativeCount),
            })}
          </Text>
        </Group>
      ))}
    </Paper>
  )
}
