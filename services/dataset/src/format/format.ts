import type { Annotation, ImageFacts } from '../annotation/annotation.ts'
import type { AssetEntry } from '../asset/entry.store.ts'
import type { ItemProblem } from '../import/problem.ts'

/** A file in an archive or a folder. */
export interface FileEntry {
  /** Path with slashes, relative to the archive or folder. */
  readonly name: string
  /** Bytes, unpacked. */
  readonly size: number
}

/** Files to import, wherever they lie. What is hostile about their place (links, names that lead out) is refused below this. */
export interface Files {
  /** All files, without folders. */
  entries(): AsyncIterable<FileEntry>
  /** @throws BadItem when it is damaged or larger than `maxBytes` */
  read(entry: FileEntry, maxBytes: number): Promise<Buffer>
  /** As `read`, for files that are not to be held in memory. */
  stream(entry: FileEntry, maxBytes: number): AsyncIterable<Uint8Array>
}

/** An annotation as a file says it, its label as the file writes it, and where. */
export interface FoundAnnotation {
  readonly annotation: Annotation
  readonly file: string
  readonly line?: number
  /** Where in the file the label stands, e.g. object/name. */
  readonly field: string
  /** 0 to 1, for predictions. */
  readonly score?: number
}

/** What the files say of one image. */
export interface Description extends ImageFacts {
  readonly groundTruth: readonly FoundAnnotation[]
  /** Empty where a format has ground truth only. */
  readonly predictions: readonly FoundAnnotation[]
  /** Annotations that cannot be taken. */
  readonly problems: readonly ItemProblem[]
}

export interface DescribedImage {
  readonly image: FileEntry
  /**
   * @param size of the image as its own header says, pixels
   * @throws BadItem when nothing that the files say of this image can be taken: the image is left out then
   */
  describe(size: { readonly width: number; readonly height: number }): Promise<Description>
}

export const FormatName = {
  VOC: 'VOC',
  COCO: 'COCO',
  YOLO: 'YOLO',
  YMIR: 'YMIR',
  LABEL_STUDIO: 'LABEL_STUDIO',
  IMAGES: 'IMAGES',
} as const
export type FormatName = keyof typeof FormatName

/** How annotations of some format are found and read. */
export interface FormatReader {
  readonly name: FormatName
  /** Why files with these names look like this format, in words; undefined when they do not. */
  recognise(listing: Listing): Promise<string | undefined>
  /**
   * Every image with what is said of it, in an order that depends on the files only. Holds names and, where a format keeps all
   * annotations in one file, an index of it; never images.
   * @param problem told what is wrong beside the images: orphaned annotations, two images of one name
   * @throws BadArchive when nothing can be read at all
   */
  images(
    files: Files,
    options: { readonly problem: (problem: ItemProblem) => void; readonly signal: AbortSignal },
  ): AsyncIterable<DescribedImage>
}

/** The names in an archive or folder, and the beginning of a file where its name does not tell enough. */
export interface Listing {
  readonly names: readonly string[]
  /** The first bytes of a file as text. */
  head(name: string): Promise<string>
}

export interface WrittenFile {
  readonly name: string
  /** The blob's SHA-256 for images, so that they are not held in memory; text otherwise. */
  readonly content: { readonly sha256: string; readonly size: number } | string | AsyncIterable<string>
}

/** How a version is written in some format. The same version gives the same files in the same order. */
export interface FormatWriter {
  readonly name: FormatName
  /** What the format cannot carry, in words; empty when importing the export gives the same root. */
  readonly loses: readonly string[]
  /**
   * @param entries ordered by asset id; may be read more than once
   * @param labels that occur in the version, sorted
   */
  files(entries: () => AsyncIterable<AssetEntry>, labels: readonly string[]): AsyncIterable<WrittenFile>
}
