/** A label to be made. */
export interface NewLabel {
  readonly name: string
  readonly aliases: string[]
}

/** Labels as a person lists them: one a line, aliases behind it after commas: `dog, Hund, 狗`. Empty lines are none. */
export function labelsIn(text: string): NewLabel[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.split(/[,，;；\t]/).map((word) => word.trim()))
    .map((words) => words.filter((word) => word !== ''))
    .flatMap(([name, ...aliases]) => (name === undefined ? [] : [{ name, aliases }]))
}
