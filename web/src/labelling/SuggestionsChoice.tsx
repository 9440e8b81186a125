import { useQuery } from '@apollo/client/react'
import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSetWords } from '../version/useSetWords.ts'
import { LabellingSuggestionsDocument } from './tasks.generated.ts'

/** What models found in the images of a version, and of those of the project that it was made from: nearest first. */
export function useSuggestions(projectId: string, versionId: string | null) {
  const { data } = useQuery(LabellingSuggestionsDocument, {
    variables: { versionId: versionId ?? '' },
    skip: versionId === null,
  })
  const versions = (data?.datasetVersion?.history ?? []).filter(({ project }) => project.id === projectId)
  return versions.flatMap((version) =>
    version.predictionSets.toReversed().map((set) => ({ ...set, of: version })),
  )
}

const none = 'none'

/** Which predictions labellers are shown to accept or correct. */
export function SuggestionsChoice({
  sets,
  value,
  onChange,
}: {
  readonly sets: ReturnType<typeof useSuggestions>
  readonly value: string | null
  readonly onChange: (setId: string | null) => void
}) {
  const { t } = useTranslation('labelling')
  const wordsOf = useSetWords()
  return (
    <Select
      label={t('suggestionsOf')}
      description={t('suggestionsWhy')}
      data={[
        { value: none, label: t('noSuggestions') },
        ...sets.map((set) => ({
          value: set.id,
          label: t('suggestionsNamed', {
            ...{ set: wordsOf(set), name: set.of.dataset.name, number: set.of.number },
          }),
        })),
      ]}
      value={value ?? none}
      onChange={(chosen) => onChange(chosen === none ? null : chosen)}
      allowDeselect={false}
    />
  )
}
