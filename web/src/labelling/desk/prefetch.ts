/** Images that were fetched ahead, kept so that the browser keeps them decoded. */
const prefetched = new Map<string, HTMLImageElement>()
const mostPrefetched = 8

/** Fetches and decodes an image, to be shown at once later. */
export function prefetch(url: string): void {
  const image = new Image()
  image.src = url
  // an image that cannot be had is told where it is shown
  image.decode().catch(() => prefetched.delete(url))
  prefetched.set(url, image)
  const [oldest] = prefetched.keys()
  if (prefetched.size > mostPrefetched && oldest !== undefined) prefetched.delete(oldest)
}
