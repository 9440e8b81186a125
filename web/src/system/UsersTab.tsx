import { NativeSelect, Switch, Table, Text } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import type { Role } from '../graph/schema.generated.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { tell } from '../look/notices.tsx'
import { SetSignUpOpenDocument, SetUserRoleDocument, SystemUsersDocument } from './users.generated.ts'

const pageSize = 50
const roles = ['ADMINISTRATOR', 'MEMBER'] as const satisfies readonly Role[]

/** Everybody, what they may, and whether others may sign up. */
export function UsersTab() {
  const { t } = useTranslation('system')
  const { day } = useFormats()
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(SystemUsersDocument, {
    variables: { first: pageSize, after: place.after },
  })
  const [setRole, { error: roleNotSet }] = useMutation(SetUserRoleDocument)
  const [setOpen, { error: openNotSet }] = useMutation(SetSignUpOpenDocument, {
    refetchQueries: ['SystemUsers', 'Viewer'],
  })
  const { users, signUpOpen } = data ?? previousData ?? {}
  if (error && !users) return <Problem error={error} retry={() => void refetch()} />
  if (!users) return <ListSkeleton />

  const giveRole = async (userId: string, name: string, role: Role) => {
    await setRole({ variables: { input: { userId, role } } })
    tell(t('roleGiven', { name, role: t(`role.${role}`) }))
  }
  return (
    <>
      <Switch
        label={t('signUpOpen')}
        description={t('signUpOpenAdvice')}
        checked={signUpOpen}
        // the mutation's error is shown by Problem
        onChange={({ currentTarget }) =>
          void setOpen({ variables: { input: { open: currentTarget.checked } } }).catch(() => undefined)
        }
      />
      <Problem error={roleNotSet ?? openNotSet} />
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('user')}</Table.Th>
              <Table.Th>{t('email')}</Table.Th>
              <Table.Th>{t('roleHeading')}</Table.Th>
              <Table.Th>{t('since')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {users.edges.map(({ node: { id, name, email, role, createdAt } }) => (
              <Table.Tr key={id}>
                <Table.Td fw={600}>{name}</Table.Td>
                <Table.Td>{email}</Table.Td>
                <Table.Td>
                  <NativeSelect
                    aria-label={t('roleOf', { name })}
                    value={role}
                    data={roles.map((one) => ({ value: one, label: t(`role.${one}`) }))}
                    onChange={
                      ({ currentTarget }) =>
                        void giveRole(id, name, currentTarget.value as Role).catch(() => undefined) // one of `roles`
                    }
                  />
                </Table.Td>
                <Table.Td>
                  <Text size="sm" c="dimmed">
                    {day(createdAt)}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Pager place={place} size={pageSize} connection={users} />
    </>
  )
}
