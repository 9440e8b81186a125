/** Colours that are told apart on photos, one after the other. */
const palette = [
  '#36c5f0',
  '#ffb000',
  '#7ee081',
  '#ff6f91',
  '#b794ff',
  '#ff8a3d',
  '#2ee6c5',
  '#f2e94e',
  '#ff5ce1',
  '#9cc4ff',
] as const

/** The colour of each class of a task. */
export function coloursOf(classes: readonly string[]): (label: string) => string {
  const places = new Map(classes.map((label, index) => [label, index]))
  return (label) => palette[(places.get(label) ?? 0) % palette.length] ?? palette[0]
}
