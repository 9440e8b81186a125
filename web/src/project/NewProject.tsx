import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ClassesInput } from '../label/ClassesInput.tsx'
import { Problem } from '../look/Problem.tsx'
import { tell } from '../look/notices.tsx'
import { CreateProjectDocument } from './new-project.generated.ts'

/** The dialog that makes a project and opens it. */
export function NewProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('project')
  const { t: tApp } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('newProject')}
      size="lg"
      closeButtonProps={{ 'aria-label': tApp('close') }}
    >
      <NewProjectForm onCancel={onClose} />
    </Modal>
  )
}

function NewProjectForm({ onCancel }: { onCancel: () => void }) {
  const { t } = useTranslation('project')
  const { t: tApp } = useTranslation()
  const navigate = useNavigate()
  const [classes, setClasses] = useState<string[]>([])
  const [create, { loading, error }] = useMutation(CreateProjectDocument, {
    refetchQueries: ['HomeProjects', 'LabelColours'],
  })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name') ?? '').trim()
    const description = String(form.get('description') ?? '').trim()
    const { data } = await create({ variables: { input: { name, description, classes } } })
    if (!data) return
    tell(t('projectMade', { name }))
    await navigate(`/projects/${data.createProject.project.id}`)
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Stack>
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
        <Problem error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {tApp('cancel')}
          </Button>
          <Button type="submit" loading={loading}>
            {t('makeProject')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
