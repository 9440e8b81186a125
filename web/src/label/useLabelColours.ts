import { useQuery } from '@apollo/client/react'
import { useEffect } from 'react'
import { colourLabels } from '../asset/label-colour.ts'
import { LabelColoursDocument } from './label-colours.generated.ts'

/** Labels are drawn in the colours that the workspace gives them; no page waits for it. */
export function useLabelColours(): void {
  const { data } = useQuery(LabelColoursDocument)
  useEffect(() => {
    if (data) colourLabels(data.labels.edges.map(({ node }) => node))
  }, [data])
}
