import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { wantedOf, withWanted, type AssetsWanted } from './assets-wanted.ts'

/** What is drawn over the images. */
export interface Drawn {
  readonly hiddenLabels: ReadonlySet<string>
  readonly showsTruth: boolean
  /** Prediction set beside the ground truth. */
  readonly setId: string | undefined
  /** Predictions below it are not drawn, 0 to 1. */
  readonly score: number
}

export interface View extends AssetsWanted {
  readonly drawn: Drawn
  /** Instead of all assets some by chance. */
  readonly seed: number | undefined
  /** The place in the list to begin at, counted from 0. */
  readonly at: number | undefined
}

const likelyScore = 0.3

/** How an address shows a version's assets. */
export function viewOf(params: URLSearchParams): View {
  const seed = wholeNumber(params.get('seed'))
  return {
    ...wantedOf(params),
    drawn: {
      hiddenLabels: new Set(params.getAll('hide')),
      showsTruth: params.get('truth') !== 'off',
      setId: params.get('set') ?? undefined,
      score: shareOf(params.get('score')) ?? likelyScore,
    },
    seed,
    at: wholeNumber(params.get('at')),
  }
}

/** The view of this page's address, and how to change it; a step back in the browser goes to the page before. */
export function useView() {
  const [params, setParams] = useSearchParams()
  const view = useMemo(() => viewOf(params), [params])
  const change = (edit: (next: URLSearchParams) => URLSearchParams | void) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        return edit(next) ?? next
      },
      // at once: a switch that lags behind the finger feels broken
      { replace: true, preventScrollReset: true, flushSync: true },
    )
  return {
    view,
    params,
    want: (wanted: AssetsWanted) =>
      change((next) => {
        next.delete('at')
        return withWanted(next, wanted)
      }),
    set: (name: 'set' | 'score' | 'seed' | 'at' | 'truth', value: string | undefined) =>
      change((next) => {
        if (value === undefined) next.delete(name)
        else next.set(name, value)
      }),
    hide: (labels: Iterable<string>) =>
      change((next) => {
        next.delete('hide')
        for (const label of labels) next.append('hide', label)
      }),
  }
}

/** What of an asset's annotations is drawn. */
export function shown<One extends { readonly label: string }>(
  all: readonly One[],
  { hiddenLabels }: Drawn,
): One[] {
  return all.filter(({ label }) => !hiddenLabels.has(label))
}

function wholeNumber(text: string | null): number | undefined {
  return text && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function shareOf(text: string | null): number | undefined {
  const share = Number(text)
  return text && share >= 0 && share <= 1 ? share : undefined
}
