/** The time from an answer to the next image on the screen, for whoever measures: `performance.getEntriesByName`. */
export const nextImage = 'next image'
const submitted = 'answer given'

export function noteSubmitted(): void {
  performance.clearMarks(submitted)
  performance.mark(submitted)
}

/** The image is decoded; it is seen with the next frame. */
export function noteShown(): void {
  if (performance.getEntriesByName(submitted).length === 0) return
  requestAnimationFrame(() => {
    performance.measure(nextImage, submitted)
    performance.clearMarks(submitted)
  })
}
