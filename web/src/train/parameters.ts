export type Parameters = Readonly<Record<string, unknown>>

/** Written by the system whatever a template says (executor image contract). */
const reserved = new Set([
  'task_id',
  'class_names',
  'gpu_id',
  'gpu_count',
  'object_type',
  'pretrained_model_params',
  'export_format',
])

/** What decides most about how long and how well a model learns, under the names that images give it. */
const decisive = [
  /^(epochs?|max_epochs|steps|max_iter)$/,
  /^batch(_size)?/,
  /^(network|model|model_size|arch)/,
  /^(input_size|img_size|img|imgsz)$/,
  /^(learning_rate|lr|lr0)$/,
]

/** The defaults of a template that a user may change. */
export function changeable(template: unknown): Parameters {
  if (typeof template !== 'object' || template === null) return {}
  return Object.fromEntries(Object.entries(template).filter(([name]) => !reserved.has(name)))
}

/** The few of them that one looks at first. */
export function decisiveNames(parameters: Parameters): string[] {
  const names = Object.keys(parameters)
  const found = decisive.flatMap((pattern) => names.find((name) => pattern.test(name)) ?? [])
  return found.length > 0 ? found : names.slice(0, 4)
}

/** What a user changed: what is as in the template is left to the image. */
export function changed(template: Parameters, chosen: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(chosen).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(template[name]),
    ),
  )
}

/** Parameters as lines of `name: value`, the values as in JSON, plain text without quotation marks. */
export function asText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}: ${isPlain(value) ? value : JSON.stringify(value)}`)
    .join('\n')
}

/** Which line is not `name: value`. */
export class NotAParameter extends Error {
  constructor(
    readonly line: number,
    readonly text: string,
  ) {
    super(`line ${line} is not "name: value": ${text}`)
  }
}

/** The parameters that some lines give; empty lines and those after # are left out. @throws NotAParameter */
export function fromText(text: string): Parameters {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }))
  return Object.fromEntries(
    lines
      .filter(({ line }) => line !== '' && !line.startsWith('#'))
      .map(({ line, number }) => {
        const [, name, value] = /^([\w.-]+)\s*:\s*(.*)$/.exec(line) ?? []
        if (name === undefined || value === undefined) throw new NotAParameter(number, line)
        return [name, valueOf(value)]
      }),
  )
}

/** Text that is read as the same text again. */
function isPlain(value: unknown): value is string {
  return (
    typeof value === 'string' && value === value.trim() && !value.includes('\n') && valueOf(value) === value
  )
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
