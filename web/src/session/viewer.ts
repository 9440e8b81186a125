import { useOutletContext } from 'react-router'
import type { ViewerQuery } from './session.generated.ts'

export type Viewer = NonNullable<ViewerQuery['viewer']>

/** Who is signed in; for pages inside the frame. */
export function useViewer(): Viewer {
  return useOutletContext<Viewer>()
}
