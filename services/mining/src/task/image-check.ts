import { DomainError, notFound } from '@ymir/graphql'

/** What the graph says of an executor image. */
export interface ImageToMineWith {
  readonly name: string
  readonly kinds: readonly string[]
  readonly enabled: boolean
}

/** @throws DomainError when the image cannot do what mining asks of it */
export function checkImage(image: ImageToMineWith | null, id: string, annotate: boolean): void {
  if (!image) throw notFound('executor image', id)
  if (!image.enabled)
    throw new DomainError('CONFLICT', `executor image ${image.name} is disabled: choose another`)
  for (const kind of annotate ? ['MINING', 'INFERENCE'] : ['MINING'])
    if (!image.kinds.includes(kind))
      throw new DomainError(
        'CONFLICT',
        `executor image ${image.name} has no template for ${kind}: choose another`,
      )
}
