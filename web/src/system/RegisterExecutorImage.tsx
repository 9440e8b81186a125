import { NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { tell } from '../look/notices.tsx'
import { RegisterExecutorImageDocument } from './executor-images.generated.ts'

const drivers = ['docker', 'process', 'slurm'] as const
type Driver = (typeof drivers)[number]

/** The dialog that offers an algorithm to all; a container image is pulled while the list shows how far it is. */
export function RegisterExecutorImage({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('system')
  const [driver, setDriver] = useState<Driver>('docker')
  const [register, { loading, error }] = useMutation(RegisterExecutorImageDocument, {
    refetchQueries: ['SystemExecutorImages'],
    awaitRefetchQueries: true,
  })

  async function submit(form: FormData) {
    const name = String(form.get('name') ?? '').trim()
    const reference = String(form.get('reference') ?? '').trim()
    await register({ variables: { input: { name, reference, driver } } })
    tell(t('imageRegistered', { name }))
    onClose()
  }

  return (
    <FormDialog
      title={t('registerImage')}
      action={t('register')}
      onClose={onClose}
      onSubmit={submit}
      loading={loading}
      error={error}
    >
      <TextInput name="name" label={t('imageName')} required maxLength={200} data-autofocus />
      <NativeSelect
        label={t('driver')}
        value={driver}
        data={drivers.map((one) => ({ value: one, label: t(`driverName.${one}`) }))}
        onChange={({ currentTarget }) => setDriver(currentTarget.value as Driver)} // one of `drivers`
      />
      <TextInput
        name="reference"
        label={driver === 'docker' ? t('imageReference') : t('imageFolder')}
        placeholder={
          driver === 'docker'
            ? 'youdaoyzbx/ymir-executor:ymir2.0.0-yolov5-cu111-tmi'
            : '/srv/algorithms/detector'
        }
        required
        maxLength={1_000}
      />
    </FormDialog>
  )
}
