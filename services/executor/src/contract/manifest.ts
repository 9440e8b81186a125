/** A line of a dataset version's manifest, as the dataset service writes it (JSON Lines, ordered by asset id). */
export interface ManifestEntry {
  /** SHA-256 of the image's bytes. */
  readonly assetId: string
  /** The real format's extension, e.g. jpg. */
  readonly format: string
  readonly width: number
  readonly height: number
  readonly annotations: readonly ManifestAnnotation[]
}

export interface ManifestAnnotation {
  readonly label: string
  /** Pixels, origin top left. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly difficult?: boolean
  readonly truncated?: boolean
  /** One box around many objects; only COCO knows it. */
  readonly crowd?: boolean
}

/** Where a version's manifest lies. */
export interface DatasetVersions {
  /** @throws JobProblem BAD_CONFIGURATION when there is no such version in the project */
  manifestOf(versionId: string, projectId: string): Promise<{ sha256: string; size: number }>
}
