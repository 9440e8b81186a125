import { ActionIcon, Button, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import { IconUserMinus } from '@tabler/icons-react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { ProjectRole } from '../graph/schema.generated.ts'
import { Confirm } from '../look/Confirm.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useFormats } from '../look/formats.ts'
import { tell } from '../look/notices.tsx'
import { useViewer } from '../session/viewer.ts'
import {
  ProjectMembersDocument,
  RemoveMemberDocument,
  SetMemberDocument,
  type ProjectMemberFragment,
} from './settings.generated.ts'

const roles = ['OWNER', 'EDITOR', 'ANNOTATOR', 'VIEWER'] as const satisfies readonly ProjectRole[]

/** Who is in the project and what they may; owners change it. */
export function Members({ projectId, mayChange }: { projectId: string; mayChange: boolean }) {
  const { t } = useTranslation('project')
  const { data, error, refetch } = useQuery(ProjectMembersDocument, { variables: { id: projectId } })
  const [set, { error: notSet }] = useMutation(SetMemberDocument, { refetchQueries: ['ProjectMembers'] })
  const [leaving, setLeaving] = useState<ProjectMemberFragment>()
  const members = data?.project?.members

  return (
    <Section title={t('members')} advice={t('membersAdvice')}>
      <Problem error={error} retry={() => void refetch()} />
      {!members && !error && <ListSkeleton rows={2} />}
      {members && (
        <Table.ScrollContainer minWidth={560}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('member')}</Table.Th>
                <Table.Th>{t('role')}</Table.Th>
                <Table.Th>{t('since')}</Table.Th>
                <Table.Th w={48} aria-label={t('operations')} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {members.map((member) => (
                <MemberRow
                  key={member.user.id}
                  member={member}
                  mayChange={mayChange}
                  onRole={(role) =>
                    // the mutation's error is shown by Problem
                    void set({ variables: { input: { projectId, email: member.user.email, role } } }).catch(
                      () => undefined,
                    )
                  }
                  onRemove={() => setLeaving(member)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Problem error={notSet} />
      {mayChange && <AddMember projectId={projectId} />}
      {leaving && <RemoveMember member={leaving} onClose={() => setLeaving(undefined)} />}
    </Section>
  )
}

interface MemberRowProps {
  readonly member: ProjectMemberFragment
  readonly mayChange: boolean
  readonly onRole: (role: ProjectRole) => void
  readonly onRemove: () => void
}

function MemberRow({ member, mayChange, onRole, onRemove }: MemberRowProps) {
  const { t } = useTranslation('project')
  const { day } = useFormats()
  const isMe = useViewer().id === member.user.id
  const { name, email } = member.user
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {isMe ? t('you', { name }) : name}
        </Text>
        <Text size="xs" c="dimmed">
          {email}
        </Text>
      </Table.Td>
      <Table.Td>
        {mayChange ? (
          <RoleSelect label={t('roleOf', { name })} isLabelHidden value={member.role} onChange={onRole} />
        ) : (
          t(`projectRole.${member.role}`)
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed">
          {day(member.since)}
        </Text>
      </Table.Td>
      <Table.Td>
        {(mayChange || isMe) && (
          <ActionIcon
            variant="subtle"
            color="red"
            onClick={onRemove}
            aria-label={isMe ? t('leave') : t('removeMember', { name })}
          >
            <IconUserMinus size={18} aria-hidden />
          </ActionIcon>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

interface RoleSelectProps {
  readonly label: string
  readonly isLabelHidden?: boolean
  readonly value: ProjectRole
  readonly onChange: (role: ProjectRole) => void
}

function RoleSelect({ label, isLabelHidden = false, value, onChange }: RoleSelectProps) {
  const { t } = useTranslation('project')
  return (
    <NativeSelect
      label={isLabelHidden ? undefined : label}
      aria-label={label}
      value={value}
      data={roles.map((role) => ({ value: role, label: t(`projectRole.${role}`) }))}
      onChange={({ currentTarget }) => onChange(currentTarget.value as ProjectRole)} // one of `roles`
    />
  )
}

function AddMember({ projectId }: { projectId: string }) {
  const { t } = useTranslation('project')
  const [role, setRole] = useState<ProjectRole>('EDITOR')
  const [set, { loading, error }] = useMutation(SetMemberDocument, { refetchQueries: ['ProjectMembers'] })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const email = String(new FormData(form).get('email') ?? '').trim()
    await set({ variables: { input: { projectId, email, role } } })
    form.reset()
    tell(t('memberAdded', { email }))
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Group align="flex-end" gap="xs">
        <TextInput
          name="email"
          type="email"
          label={t('email')}
          required
          autoComplete="off"
          className="grow"
        />
        <RoleSelect label={t('role')} value={role} onChange={setRole} />
        <Button type="submit" variant="light" loading={loading}>
          {t('addMember')}
        </Button>
      </Group>
      <Problem error={error} />
    </form>
  )
}

function RemoveMember({ member, onClose }: { member: ProjectMemberFragment; onClose: () => void }) {
  const { t } = useTranslation('project')
  const navigate = useNavigate()
  const isMe = useViewer().id === member.user.id
  const [remove] = useMutation(RemoveMemberDocument)
  const { name, id: userId } = member.user
  return (
    <Confirm
      question={isMe ? t('leaveQuestion') : t('removeQuestion', { name })}
      consequence={t('removeConsequence')}
      action={isMe ? t('leave') : t('remove')}
      onClose={onClose}
      onConfirm={async () => {
        await remove({
          variables: { input: { projectId: member.projectId, userId } },
          refetchQueries: isMe ? ['HomeProjects'] : ['ProjectMembers'],
        })
        if (isMe) await navigate('/')
      }}
    />
  )
}
