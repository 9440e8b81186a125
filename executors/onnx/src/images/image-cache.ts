/** Keeps decoded images until its budget is full; after that, images are read again each time they are asked for. */
export class ImageCache<Image extends { readonly pixels: Uint8Array }> {
  private readonly kept = new Map<string, Image>()
  private freeBytes: number

  constructor(
    private readonly read: (path: string) => Promise<Image>,
    budgetBytes: number,
  ) {
    this.freeBytes = budgetBytes
  }

  async get(path: string): Promise<Image> {
    const known = this.kept.get(path)
    if (known) return known
    const image = await this.read(path)
    if (image.pixels.byteLength <= this.freeBytes && !this.kept.has(path)) {
      this.freeBytes -= image.pixels.byteLength
      this.kept.set(path, image)
    }
    return image
  }
}
