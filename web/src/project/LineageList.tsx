import { Anchor, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { pageOf, type Lineage, type Thing } from './lineage.ts'
import { useThingWords } from './useThingWords.ts'

/** The graph in words: each thing, and what it came from. */
export function LineageList({ lineage: { things, ties } }: { lineage: Lineage }) {
  const { t } = useTranslation('project')
  const words = useThingWords()
  const byId = new Map(things.map((thing) => [thing.id, thing]))
  const sourcesOf = (thing: Thing) =>
    ties.flatMap(({ fromId, toId, role }) => {
      const from = toId === thing.id ? byId.get(fromId) : undefined
      return from ? [t(`tie.${role}`, { name: words(from).name })] : []
    })
  return (
    <details>
      <summary>{t('asList')}</summary>
      <ul>
        {things.map((thing) => (
          <li key={thing.id}>
            <Anchor component={Link} to={pageOf(thing)} size="sm">
              {words(thing).name}
            </Anchor>{' '}
            <Text span size="sm" c="dimmed">
              {[words(thing).facts, ...sourcesOf(thing)].join(' · ')}
            </Text>
          </li>
        ))}
      </ul>
    </details>
  )
}
