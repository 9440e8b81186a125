import { useMutation } from '@apollo/client/react'
import { ActionIcon, Button, Checkbox, Group, NumberInput, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SplitVersionIntoDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import type { OperationProps } from './Operations.tsx'
import { Preview } from './Preview.tsx'
import { useGoToVersion } from './target.ts'

interface Part {
  readonly name: string
  readonly percent: number
}

/** Parts that share no image and together have all. */
export function SplitDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const goTo = useGoToVersion()
  const { name } = version.dataset
  const [parts, setParts] = useState<readonly Part[]>([
    { name: `${name} train`, percent: 80 },
    { name: `${name} test`, percent: 20 },
  ])
  const [stratified, setStratified] = useState(false)
  const [seed, setSeed] = useState<number | string>(1)
  const [split, { loading, error }] = useMutation(SplitVersionIntoDocument, {
    onCompleted: ({ splitVersionInto: { versions } }) => versions[0] && goTo(versions[0]),
  })
  const change = (at: number, part: Partial<Part>) =>
    setParts(parts.map((one, index) => (index === at ? { ...one, ...part } : one)))
  const sum = parts.reduce((total, { percent }) => total + percent, 0)
  const isWhole = Math.abs(sum - 100) < 1e-6
  const isSaid =
    isWhole && typeof seed === 'number' && parts.every((part) => part.name.trim() && part.percent > 0)
  const input = {
    versionId: version.id,
    parts: parts.map((part) => ({ name: part.name.trim(), fraction: part.percent / 100 })),
    stratified,
    seed: Number(seed),
  }
  return (
    <FormDialog
      size="lg"
      title={t('split.menu')}
      meaning={t('split.meaning')}
      action={t('split.do')}
      onClose={onClose}
      onSubmit={() => split({ variables: { input } })}
      loading={loading}
      error={error}
      disabled={!isSaid}
    >
      {parts.map((part, index) => (
        <Group key={index} align="flex-end" wrap="nowrap" gap="xs">
          <TextInput
            label={t('split.part', { number: index + 1 })}
            required
            maxLength={100}
            flex={1}
            value={part.name}
            onChange={({ currentTarget: { value } }) => change(index, { name: value })}
          />
          <NumberInput
            label={t('split.percent')}
            w={110}
            min={0}
            max={100}
            value={part.percent}
            onChange={(value) => change(index, { percent: Number(value) })}
            error={!isWhole && index === parts.length - 1 ? t('split.sum', { sum }) : undefined}
          />
          {parts.length > 2 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('split.remove', { number: index + 1 })}
              onClick={() => setParts(parts.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      ))}
      <Group>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setParts([...parts, { name: `${name} ${parts.length + 1}`, percent: 0 }])}
        >
          {t('split.add')}
        </Button>
      </Group>
      <Checkbox
        label={t('split.stratified')}
        checked={stratified}
        onChange={() => setStratified(!stratified)}
      />
      <NumberInput
        label={t('seed')}
        description={t('seedMeaning')}
        required
        allowDecimal={false}
        value={seed}
        onChange={setSeed}
      />
      <Preview input={isSaid ? { split: input } : undefined} names={parts.map((part) => part.name)} />
    </FormDialog>
  )
}
