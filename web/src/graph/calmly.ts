/**
 * Reads anew when there is news, at most once in `calmMs` and never twice at a time: an answer that was under way when
 * something happened may not know of it, so it is asked again.
 * @param read what fails is told by whoever asked
 */
export function calmly(read: () => PromiseLike<unknown>, calmMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isReading = false
  let isOld = false

  function news(): void {
    if (isReading) isOld = true
    else timer ??= setTimeout(() => void readNow(), calmMs)
  }

  async function readNow(): Promise<void> {
    timer = undefined
    isReading = true
    isOld = false
    try {
      await read()
    } catch {
      // the queries of the page show it
    }
    isReading = false
    if (isOld) news()
  }

  return { news, stop: () => clearTimeout(timer) }
}
