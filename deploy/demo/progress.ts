import { paint } from '../commands/terminal.ts'

const width = 24

/** One line for each thing under way: a bar that fills on a terminal, one line at the end elsewhere. */
export class ProgressLine {
  private readonly started = Date.now()
  private drawn = ''

  constructor(private readonly title: string) {
    this.show(0)
  }

  /** @param share 0 to 1 */
  show(share: number, note = ''): void {
    if (!process.stdout.isTTY) return
    const filled = Math.round(width * Math.min(1, Math.max(0, share)))
    const bar = `${'█'.repeat(filled)}${paint.dim('░'.repeat(width - filled))}`
    this.draw(`${this.title.padEnd(28)} ${bar} ${`${Math.floor(share * 100)}`.padStart(3)} %  ${note}`)
  }

  end(note = ''): void {
    const seconds = `${((Date.now() - this.started) / 1000).toFixed(1)} s`.padStart(8)
    this.draw(`${paint.green('✓')} ${this.title.padEnd(26)} ${seconds}  ${note}`)
    process.stdout.write('\n')
  }

  private draw(line: string): void {
    if (line === this.drawn) return
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[2K${line}` : line)
    this.drawn = line
  }
}
