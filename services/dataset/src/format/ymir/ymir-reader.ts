import type { ItemProblem } from '../../import/problem.ts'
import { Describing } from '../described.ts'
import type { Description, FileEntry, Files, FormatReader, FoundAnnotation } from '../format.ts'
import { isHidden, isImage, sortFiles, stemOf } from '../image-names.ts'
import { refusal } from '../place.ts'
import type { Size } from '../shape.ts'
import { readVoc, type VocFile } from '../voc/read-voc.ts'

const mostBytes = 4 * 1024 ** 2
const folders = { images: /^(images|jpegimages)$/i, groundTruth: /^gt$/i, predictions: /^pred$/i }
type Role = keyof typeof folders
const roles = ['images', 'groundTruth', 'predictions'] as const

/** The published system's layout: `images/`, `gt/` and `pred/` with a Pascal VOC file for each image. */
export const ymirReader: FormatReader = {
  name: 'YMIR',

  recognise({ names }) {
    const visible = names.filter((name) => !isHidden(name))
    const image = visible.find((name) => isImage(name) && placeOf(name)?.role === 'images')
    const annotation = visible.find((name) => /(\.xml|\/meta\.ya?ml)$/i.test(name) && isAnnotated(name))
    return Promise.resolve(image && annotation ? `${annotation} lies beside ${image}` : undefined)
  },

  async *images(files, { problem }) {
    const { images, others } = await sortFiles(files)
    const xml = others.filter(({ name }) => /\.xml$/i.test(name))
    const groundTruth = byKey(xml, 'groundTruth')
    const predictions = byKey(xml, 'predictions')
    const seen = new Map<string, string>()
    for (const image of images) {
      const place = placeOf(image.name)
      if (place?.role !== 'images') continue
      const twin = seen.get(place.key)
      seen.set(place.key, twin ?? image.name)
      const [said, predicted] = [groundTruth.get(place.key), predictions.get(place.key)]
      yield {
        image,
        describe: (size) => {
          if (twin && (said ?? predicted)) return Promise.reject(twinOf(image.name, twin))
          return describe(files, said, predicted, size)
        },
      }
    }
    for (const annotations of [groundTruth, predictions])
      for (const [key, { name }] of annotations) if (!seen.has(key)) problem(orphan(name))
  },
}

function isAnnotated(name: string): boolean {
  const role = placeOf(name)?.role
  return role === 'groundTruth' || role === 'predictions'
}

/** What a file is for, and what it has in common with its image: `set/gt/a/1.xml` and `set/images/a/1.jpg` are both `set/a/1`. */
function placeOf(name: string): { readonly role: Role; readonly key: string } | undefined {
  const parts = name.split('/').slice(0, -1)
  for (const role of roles) {
    const at = parts.findIndex((part) => folders[role].test(part))
    if (at >= 0) return { role, key: [...parts.filter((_, index) => index !== at), stemOf(name)].join('/') }
  }
  return undefined
}

function byKey(entries: readonly FileEntry[], role: Role): Map<string, FileEntry> {
  return new Map(
    entries.flatMap((entry) => {
      const place = placeOf(entry.name)
      return place?.role === role ? [[place.key, entry] as const] : []
    }),
  )
}

async function describe(
  files: Files,
  groundTruth: FileEntry | undefined,
  predictions: FileEntry | undefined,
  size: Size,
): Promise<Description> {
  const describing = new Describing()
  if (groundTruth) {
    const voc = await readFile(files, groundTruth, size)
    describing.say(() => voc)
    describing.report(voc.problems)
    for (const found of foundIn(voc, groundTruth.name)) describing.takeGroundTruth(() => found)
  }
  if (predictions) {
    const voc = await readFile(files, predictions, size)
    describing.report(voc.problems)
    for (const found of foundIn(voc, predictions.name)) describing.takePrediction(() => found)
  }
  return describing.result()
}

async function readFile(files: Files, entry: FileEntry, size: Size): Promise<VocFile> {
  return readVoc(await files.read(entry, mostBytes), entry.name, size)
}

function foundIn({ objects }: VocFile, file: string): FoundAnnotation[] {
  return objects.map((object) => ({ ...object, file, field: 'object/name' }))
}

function twinOf(name: string, twin: string) {
  return refusal(
    { file: name },
    `has the same name as ${twin} but for its extension: an annotation could mean either`,
    {
      remedy: 'rename one of them',
    },
  )
}

function orphan(file: string): ItemProblem {
  return { file, problem: 'has no image of the same name', remedy: 'add the image, or remove the annotation' }
}
