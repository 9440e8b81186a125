/** Images that were fetched ahead, kept so that the browser keeps them decoded; the one used last is at the end. */
const prefetched = new Map<string, HTMLImageElement>()
const mostPrefetched = 8

/** Fetches and decodes an image, to be shown at once later. */
export function prefetch(url: string): void {
  // an image that cannot be had is told where it is shown
  imageOf(url)
    .decode()
    .catch(() => prefetched.delete(url))
}

/** The very element that was fetched and decoded ahead; where there is none, one that begins to fetch. */
export function imageOf(url: string): HTMLImageElement {
  const known = prefetched.get(url)
  const isBroken = known?.complete && known.naturalWidth === 0
  const image = known && !isBroken ? known : newImage(url)
  prefetched.delete(url)
  prefetched.set(url, image)
  const [oldest] = prefetched.keys()
  if (prefetched.size > mostPrefetched && oldest !== undefined) prefetched.delete(oldest)
  return image
}

function newImage(url: string): HTMLImageElement {
  const image = new Image()
  image.src = url
  return image
}
