/** Spreadsheets take text that begins like this for a formula, which a hostile file could have run: a quote stops that. */
const formula = /^[=+\-@\t\r]/

/** A line of a table as CSV (RFC 4180) with its end; what is not known is an empty cell. */
export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return (
    cells.map((value) => (typeof value === 'string' ? quoted(value) : String(value ?? ''))).join(',') + '\r\n'
  )
}

function quoted(text: string): string {
  const plain = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
