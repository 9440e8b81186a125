import { Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ClassesInput } from '../label/ClassesInput.tsx'
import { FormDialog } from '../look/FormDialog.tsx'
import { tell } from '../look/notices.tsx'
import { CreateProjectDocument } from './new-project.generated.ts'

/** The dialog that makes a project and opens it. */
export function NewProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('project')
  const navigate = useNavigate()
  const [classes, setClasses] = useState<string[]>([])
  const [create, { loading, error }] = useMutation(CreateProjectDocument, {
    refetchQueries: ['HomeProjects', 'LabelColours'],
  })

  async function submit(form: FormData) {
    const name = String(form.get('name') ?? '').trim()
    const description = String(form.get('description') ?? '').trim()
    const { data } = await create({ variables: { input: { name, description, classes } } })
    if (!data) return
    tell(t('projectMade', { name }))
    await navigate(`/projects/${data.createProject.project.id}`)
  }

  return (
    <FormDialog
      opened={opened}
      title={t('newProject')}
      size="lg"
      action={t('makeProject')}
      onClose={onClose}
      onSubmit={submit}
      loading={loading}
      error={error}
    >
      <TextInput name="name" label={t('name')} required maxLength={200} data-autofocus />
      <Textarea
        name="description"
        label={t('description')}
        maxLength={10_000}
        autosize
        minRows={2}
        maxRows={8}
      />
      <ClassesInput
        label={t('classes')}
        description={t('classesAdvice')}
        value={classes}
        onChange={setClasses}
      />
    </FormDialog>
  )
}
