import { GraphQLError } from 'graphql'

/**
 * Something that the caller can be told and may act on. Everything else that is thrown is logged and masked.
 * @param code stable, e.g. NOT_FOUND; arrives as `extensions.code`
 * @param extensions what the caller's program may need, e.g. the field or file at fault
 */
export class DomainError extends GraphQLError {
  constructor(code: string, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message, { extensions: { ...extensions, code } })
  }

  get code(): string {
    return String(this.extensions.code)
  }
}

/** The error for an id that names nothing, or nothing that the caller may know of. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `there is no ${what} ${id}`, { id })
}
