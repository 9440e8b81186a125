import { DomainError, notFound } from '@ymir/graphql'

/** What the graph says of an executor image. */
export interface ImageToMineWith {
  readonly name: string
  readonly kinds: readonly string[]
  readonly enabled: boolean
  /** Those that are not are there for administrators only. */
  readonly shared: boolean
}

/** @throws DomainError when the image cannot do what mining asks of it, or is not there for the one who asks */
export function checkImage(
  image: ImageToMineWith | null,
  id: string,
  { annotate, asAdministrator }: { annotate: boolean; asAdministrator: boolean },
): void {
  if (!image || !(image.shared || asAdministrator)) throw notFound('executor image', id)
  if (!image.enabled)
    throw new DomainError('CONFLICT', `executor image ${image.name} is disabled: choose another`)
  for (const kind of annotate ? ['MINING', 'INFERENCE'] : ['MINING'])
    if (!image.kinds.includes(kind))
      throw new DomainError(
        'CONFLICT',
        `executor image ${image.name} has no template for ${kind}: choose another`,
      )
}
