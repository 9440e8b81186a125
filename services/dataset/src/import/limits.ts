const megabyte = 1024 ** 2
const gigabyte = 1024 ** 3

/** What an archive may ask of us. Generous for real sets, and far below what a hostile one wants. */
export interface ImportLimits {
  readonly entries: number
  /** Bytes of one image and of one annotation file, unpacked. */
  readonly imageBytes: number
  readonly annotationBytes: number
  /** Bytes of all entries together, unpacked. */
  readonly totalBytes: number
  /** Unpacked bytes for each byte of the archive; looked at from `ratioFromBytes` on. Text packs 20 times. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** Pixels of one image: a small file can claim to be a very large image. */
  readonly pixels: number
}

export const importLimits: ImportLimits = {
  entries: 2_000_000,
  imageBytes: 64 * megabyte,
  annotationBytes: 4 * megabyte,
  totalBytes: 500 * gigabyte,
  ratio: 100,
  ratioFromBytes: 64 * megabyte,
  pixels: 100_000_000,
}
