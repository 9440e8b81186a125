import { ActionIcon, Button, Group, Input, NumberInput, Select, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isWithinBudget, type Share } from './strategy-choice.ts'

/** What a class gets at first, of the images of a round. */
const usualShare = 0.1

/** Which classes get a least share of the images, however the strategy ranks them. */
export function ClassShares({
  shares,
  classes,
  onChange,
}: {
  readonly shares: readonly Share[]
  /** What can be given a share. */
  readonly classes: readonly string[]
  readonly onChange: (shares: readonly Share[]) => void
}) {
  const { t } = useTranslation('iteration')
  const free = classes.filter((one) => shares.every(({ label }) => label !== one))
  const changed = (place: number, change: Partial<Share>) =>
    onChange(shares.map((one, index) => (index === place ? { ...one, ...change } : one)))
  return (
    <Stack gap={6} role="group" aria-label={t('minShare')}>
      <div>
        <Input.Label labelElement="div">{t('minShare')}</Input.Label>
        <Input.Description>{t('minShareAdvice')}</Input.Description>
      </div>
      {shares.map(({ label, share }, place) => (
        <Group key={place} gap={6} wrap="nowrap">
          <Select
            aria-label={t('classWithShare', { place: place + 1 })}
            className="grow"
            data={[label, ...free]}
            value={label}
            onChange={(value) => value && changed(place, { label: value })}
            allowDeselect={false}
            searchable
          />
          <NumberInput
            aria-label={t('shareOf', { label })}
            w={104}
            min={0}
            max={100}
            decimalScale={1}
            suffix=" %"
            value={Math.round(share * 1_000) / 10}
            onChange={(value) => typeof value === 'number' && changed(place, { share: value / 100 })}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={t('leaveOutNamed', { name: label })}
            onClick={() => onChange(shares.filter((_, index) => index !== place))}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {!isWithinBudget(shares) && (
        <Text size="sm" c="red" role="status">
          {t('sharesTooMuch')}
        </Text>
      )}
      {free.length > 0 && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...shares, { label: free[0]!, share: usualShare }])}
          >
            {t('addShare')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
