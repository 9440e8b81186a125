import { BadArchive, BadItem, type ItemProblem } from '../../import/problem.ts'
import { Describing } from '../described.ts'
import { shaped } from '../first-problem.ts'
import type { Description, FileEntry, Files, FormatReader } from '../format.ts'
import { baseName, ImageNames, isHidden, isImage, sortFiles } from '../image-names.ts'
import { headOf, jsonItems } from '../json/json-items.ts'
import { ownKeys } from '../own-keys.ts'
import { refusal, shown } from '../place.ts'
import type { Size } from '../shape.ts'
import { chosenAnswer, readAnswer } from './answer.ts'
import { type Task, task } from './label-studio-shape.ts'

const mostBytes = 4 * 1024 ** 3
const mostHeads = 50

/** Label Studio's JSON export (not JSON-MIN): a list of tasks, with the images beside it. */
export const labelStudioReader: FormatReader = {
  name: 'LABEL_STUDIO',

  async recognise({ names, head }) {
    for (const name of names.filter(isJson).slice(0, mostHeads))
      if (looksLikeTasks(await head(name))) return `${name} is a list of Label Studio's tasks`
    return undefined
  },

  async *images(files, { problem, signal }) {
    const { images, others } = await sortFiles(files)
    const tasks = await readTasks(files, others, images, { problem, signal })
    for (const image of images)
      yield {
        image,
        describe: (size) => Promise.resolve().then(() => describe(tasks.get(image.name) ?? [], size)),
      }
  },
}

function isJson(name: string): boolean {
  return name.toLowerCase().endsWith('.json') && !isHidden(name)
}

function looksLikeTasks(head: string): boolean {
  return /^\s*\[\s*\{/.test(head) && /"(data|annotations|predictions|result)"\s*:\s*[[{]/.test(head)
}

/** A task, as text until its image's size is known. */
interface StoredTask {
  readonly file: string
  readonly index: number
  readonly json: string
}

/** All tasks, by the image's name in the archive. */
async function readTasks(
  files: Files,
  others: readonly FileEntry[],
  images: readonly FileEntry[],
  { problem, signal }: { problem: (problem: ItemProblem) => void; signal: AbortSignal },
): Promise<Map<string, StoredTask[]>> {
  const names = new ImageNames(images)
  const tasks = new Map<string, StoredTask[]>()
  let count = 0
  for (const entry of others) {
    const { name: file } = entry
    if (!isJson(file) || !looksLikeTasks(await headOf(files.stream(entry, mostBytes)))) continue
    count++
    for await (const { index, value } of jsonItems(files.stream(entry, mostBytes), file, 'ROOT')) {
      signal.throwIfAborted()
      try {
        const image = imageOf(shaped(task, value, { file, field: `[${index}]` }), file, index, names)
        const stored = { file, index, json: JSON.stringify(value) }
        const known = tasks.get(image.name)
        if (known) known.push(stored)
        else tasks.set(image.name, [stored])
      } catch (error) {
        if (!(error instanceof BadItem)) throw error
        problem(error.problem)
      }
    }
  }
  if (count === 0)
    throw new BadArchive({
      file: 'archive',
      problem: 'has no list of Label Studio tasks',
      remedy: 'export from Label Studio as JSON, and add the images',
    })
  return tasks
}

/** @throws BadItem when there is no such image, or several */
function imageOf({ data }: Task, file: string, index: number, names: ImageNames): FileEntry {
  const key = 'image' in data ? 'image' : Object.keys(data).find((one) => isImagePath(data[one]))
  const said = key === undefined ? undefined : data[key]
  const place = { file, field: `[${index}].data.${key ?? 'image'}` }
  if (typeof said !== 'string' || !said) throw refusal(place, 'is missing')
  const name = pathOf(said)
  const found = names.find(name, file)
  // Label Studio puts eight hexadecimal digits before the names of uploads
  const images = found.length ? found : names.find(baseName(name).replace(/^[0-9a-f]{8}-/, ''), file)
  if (images.length === 1) return images[0]!
  throw refusal(place, images.length ? `may mean any of ${images.length} images` : 'is not among the files', {
    found: shown(said),
    remedy: images.length ? 'give the images different names' : 'add the image, or remove the task',
  })
}

function isImagePath(value: unknown): boolean {
  return typeof value === 'string' && isImage(pathOf(value))
}

/** The path in an address: `/data/local-files/?d=a/b.jpg` says it as a parameter. */
function pathOf(address: string): string {
  const path = /[?&]d=([^&]*)/.exec(address)?.[1] ?? address.replace(/[?#].*$/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** @throws BadItem when the image has two tasks */
function describe([stored, second]: readonly StoredTask[], size: Size): Description {
  const describing = new Describing()
  if (!stored) return describing.result()
  if (second)
    throw refusal(
      { file: second.file, field: `[${second.index}].data` },
      `is about the same image as [${stored.index}]`,
      {
        remedy: 'keep one of the tasks',
      },
    )
  const { file, index } = stored
  const place = { file, field: `[${index}]` }
  const said = shaped(task, JSON.parse(stored.json), place)
  describing.say(() => ({ metadata: ownKeys(said.meta ?? {}, { file, field: `[${index}].meta` }) }))
  const chosen = chosenAnswer(said)
  if (chosen)
    readAnswer(
      chosen.answer,
      size,
      { file, field: `[${index}].annotations[${chosen.index}]` },
      { describing, isPrediction: false },
    )
  said.predictions?.forEach((prediction, at) => {
    if (typeof prediction === 'number') return
    readAnswer(
      prediction,
      size,
      { file, field: `[${index}].predictions[${at}]` },
      { describing, isPrediction: true },
    )
  })
  return describing.result()
}
