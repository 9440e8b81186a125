/** Values by name up to a number of bytes; what was not used for longest makes room. */
export class BoundedCache<Value> {
  private readonly kept = new Map<string | number, { value: Value; bytes: number }>()
  private bytes = 0

  constructor(private readonly bytesAtMost: number) {}

  get(name: string | number): Value | undefined {
    const found = this.kept.get(name)
    if (!found) return undefined
    this.kept.delete(name)
    this.kept.set(name, found)
    return found.value
  }

  set(name: string | number, value: Value, bytes: number): void {
    this.bytes += bytes - (this.kept.get(name)?.bytes ?? 0)
    this.kept.delete(name)
    this.kept.set(name, { value, bytes })
    for (const [oldest, { bytes: freed }] of this.kept) {
      if (this.bytes <= this.bytesAtMost) return
      this.kept.delete(oldest)
      this.bytes -= freed
    }
  }
}
