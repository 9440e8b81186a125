import type { ItemProblem } from '../../import/problem.ts'
import { Describing } from '../described.ts'
import type { Description, FileEntry, Files, FormatReader } from '../format.ts'
import { baseName, isHidden, isImage, sortFiles } from '../image-names.ts'
import { refusal } from '../place.ts'
import type { Size } from '../shape.ts'
import { readLine } from './yolo-line.ts'
import { mayHoldNames, readNames } from './yolo-names.ts'

const mostBytes = 16 * 1024 ** 2
const mostLines = 100_000

/** YOLO: a text file of lines for each image, and the names of the classes in one file. */
export const yoloReader: FormatReader = {
  name: 'YOLO',

  async recognise({ names, head }) {
    const visible = names.filter((name) => !isHidden(name))
    const labels = new Set(visible.filter(isLabelFile).map(keyOf))
    const paired = visible.find((name) => isImage(name) && labels.has(keyOf(name)))
    for (const name of visible.filter(mayHoldNames)) {
      const isList = !/\.ya?ml$/i.test(name)
      if (paired && (isList || /^\s*["']?names["']?\s*:/m.test(await head(name))))
        return `${name} has names of classes, and ${paired} has a label file of the same name`
    }
    return undefined
  },

  async *images(files, { problem }) {
    const { images, others } = await sortFiles(files)
    const names = await readNames(files, others, problem)
    const labels = new Map(
      others.filter(({ name }) => isLabelFile(name)).map((entry) => [keyOf(entry.name), entry]),
    )
    const twins = twinsOf(images, labels)
    for (const image of images) {
      const label = labels.get(keyOf(image.name))
      const twin = twins.get(image.name)
      yield {
        image,
        describe: (size) => {
          if (twin !== undefined) return Promise.reject(twinOf(image.name, twin, label!.name))
          return describe(files, label, names, size)
        },
      }
    }
    const keys = new Set(images.map(({ name }) => keyOf(name)))
    for (const [key, { name }] of labels) if (!keys.has(key)) problem(orphan(name))
  },
}

/** Lists of files beside the labels are text too. */
function isLabelFile(name: string): boolean {
  return /\.txt$/i.test(name) && !/^(classes|train|val|valid|test|readme.*|notes)\.txt$/i.test(baseName(name))
}

/**
 * What an image and its labels have in common, in both layouts: `images/train/a.jpg` and `labels/train/a.txt`,
 * `train/images/a.jpg` and `train/labels/a.txt`, or side by side.
 */
function keyOf(name: string): string {
  const folders = name.split('/').slice(0, -1)
  const at = folders.findLastIndex((folder) => /^(images|labels)$/i.test(folder))
  return [...folders.filter((_, index) => index !== at), baseName(name).replace(/\.[^.]*$/, '')].join('/')
}

/** Images whose label file another image has already: which one it is about, nobody can tell. By name, with the other's. */
function twinsOf(images: readonly FileEntry[], labels: ReadonlyMap<string, FileEntry>): Map<string, string> {
  const first = new Map<string, string>()
  const twins = new Map<string, string>()
  for (const { name } of images) {
    const key = keyOf(name)
    const known = first.get(key)
    if (known === undefined) first.set(key, name)
    else if (labels.has(key)) twins.set(name, known)
  }
  return twins
}

async function describe(
  files: Files,
  label: FileEntry | undefined,
  names: readonly string[],
  size: Size,
): Promise<Description> {
  const describing = new Describing()
  if (!label) return describing.result()
  const lines = (await files.read(label, mostBytes)).toString('utf8').split(/\r?\n/)
  if (lines.length > mostLines)
    throw refusal({ file: label.name }, `has more than the ${mostLines} lines allowed`, {
      found: lines.length,
    })
  lines.forEach((line, index) => {
    const text = line.trim()
    if (text) describing.take(() => readLine(text, names, size, { file: label.name, line: index + 1 }))
  })
  return describing.result()
}

function twinOf(name: string, twin: string, label: string) {
  return refusal(
    { file: name },
    `has the same name as ${twin} but for its extension: ${label} could mean either`,
    {
      remedy: 'rename one of them',
    },
  )
}

function orphan(file: string): ItemProblem {
  return {
    file,
    problem: 'has no image of the same name',
    remedy: 'add the image, or remove the label file',
  }
}
