import { randomUUID } from 'node:crypto'
import { DomainError } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { Label } from './label.entity.ts'
import { colorOf, LabelBook, labelKey, problemOfName, tidyName } from './label.ts'

export interface NewLabel {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly color?: string | null
}

/**
 * Stores labels. All or none.
 * @throws DomainError CONFLICT when a name or alias belongs to a label already, BAD_USER_INPUT for a name that cannot be
 */
export async function createLabels(manager: EntityManager, wanted: readonly NewLabel[]): Promise<Label[]> {
  await manager.query('lock table label_names in share row exclusive mode')
  const count = await manager.count(Label)
  const labels = wanted.map(({ name, aliases = [], color }, index) =>
    manager.create(Label, {
      id: randomUUID(),
      name: tidyName(name),
      aliases: aliases.map(tidyName),
      color: color ?? colorOf(count + index),
      createdAt: new Date(),
    }),
  )
  await checkNames(manager, labels)
  await manager.insert(Label, labels)
  const names = labels.flatMap(({ id, name, aliases }) =>
    [name, ...aliases].map((one) => ({ id, key: labelKey(one) })),
  )
  await manager.query(
    'insert into label_names (key, label_id) select * from unnest($1::text[], $2::uuid[])',
    [names.map(({ key }) => key), names.map(({ id }) => id)],
  )
  return labels
}

/** Finds labels by name or alias and makes those that are missing. Returns the labels' own names, in the order given. */
export async function adoptLabels(manager: EntityManager, names: readonly string[]): Promise<string[]> {
  await manager.query('lock table label_names in share row exclusive mode')
  const book = await readLabels(manager)
  const missing = new Map(
    names.filter((name) => !book.resolve(name)).map((name) => [labelKey(name), { name: tidyName(name) }]),
  )
  for (const { name } of await createLabels(manager, [...missing.values()])) book.add(name)
  return names.map((name) => book.resolve(name)!)
}

export async function readLabels(manager: EntityManager): Promise<LabelBook> {
  return new LabelBook(await manager.find(Label, { select: { name: true, aliases: true } }))
}

async function checkNames(manager: EntityManager, labels: readonly Label[]): Promise<void> {
  const names = labels.flatMap(({ name, aliases }) => [name, ...aliases])
  const bad = names.find(problemOfName)
  if (bad !== undefined)
    throw new DomainError('BAD_USER_INPUT', `label name ${JSON.stringify(bad)} ${problemOfName(bad)}`, {
      name: bad,
    })
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(labelKey(name)).size)
  const taken: { name: string; key: string }[] = await manager.query(
    `select labels.name, label_names.key from label_names join labels on labels.id = label_id where key = any($1)`,
    [names.map(labelKey)],
  )
  if (twice !== undefined)
    throw new DomainError(
      'CONFLICT',
      `"${twice}" is given twice; names and aliases are compared in any case`,
      {
        name: twice,
      },
    )
  const [first] = taken
  if (first)
    throw new DomainError(
      'CONFLICT',
      `"${first.key}" is a name or alias of the label "${first.name}" already`,
      {
        name: first.name,
      },
    )
}
