import { Text } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'

export interface Fact {
  readonly name: string
  /** Null, undefined or empty: the fact is left out. */
  readonly value: ReactNode
}

/** Names and values beside each other; on a small screen below. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts
        .filter(({ value }) => value !== null && value !== undefined && value !== '')
        .map(({ name, value }) => (
          <Fragment key={name}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" className="figures">
              {value}
            </Text>
          </Fragment>
        ))}
    </dl>
  )
}
