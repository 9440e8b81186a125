import { type ItemProblem, BadArchive } from '../../import/problem.ts'
import { Describing } from '../described.ts'
import type { DescribedImage, Description, FileEntry, FormatReader, Files } from '../format.ts'
import { ImageNames, isHidden, sortFiles } from '../image-names.ts'
import { headOf } from '../json/json-items.ts'
import { ownKeys, tagsOf } from '../own-keys.ts'
import { refusal, shown } from '../place.ts'
import type { Size } from '../shape.ts'
import { isPrediction, readAnnotation } from './coco-annotation.ts'
import { type CocoFile, readCocoFile, type StoredImage } from './coco-file.ts'

/** Bytes of one annotation file. COCO 2017's largest has 470 MB. */
const mostBytes = 4 * 1024 ** 3
const mostHeads = 50

/** COCO JSON, for detection and segmentation; several files in one archive are taken together. */
export const cocoReader: FormatReader = {
  name: 'COCO',

  async recognise({ names, head }) {
    const candidates = names.filter((name) => isJson(name)).slice(0, mostHeads)
    for (const name of candidates)
      if (looksLikeCoco(await head(name)))
        return `${name} is a JSON object with COCO's lists (images, annotations, categories)`
    return undefined
  },

  async *images(files, { problem, signal }) {
    const { images, others } = await sortFiles(files)
    const said = await readAll(files, others, images, { problem, signal })
    for (const image of images)
      yield {
        image,
        describe: (size) => Promise.resolve(describe(said.get(image.name) ?? [], size)),
      } satisfies DescribedImage
  },
}

function isJson(name: string): boolean {
  return name.toLowerCase().endsWith('.json') && !isHidden(name)
}

function looksLikeCoco(head: string): boolean {
  return /^\s*\{/.test(head) && /"(images|annotations|categories)"\s*:\s*\[|"(info|licenses)"\s*:/.test(head)
}

/** What a COCO file says of one image. */
interface Said {
  readonly file: CocoFile
  readonly stored: StoredImage
}

/** What all COCO files say, by the image's name in the archive. */
async function readAll(
  files: Files,
  others: readonly FileEntry[],
  images: readonly FileEntry[],
  { problem, signal }: { problem: (problem: ItemProblem) => void; signal: AbortSignal },
): Promise<Map<string, Said[]>> {
  const names = new ImageNames(images)
  const said = new Map<string, Said[]>()
  let count = 0
  for (const entry of others) {
    if (!isJson(entry.name) || !looksLikeCoco(await headOf(files.stream(entry, mostBytes)))) continue
    count++
    const file = await readCocoFile(abortable(files.stream(entry, mostBytes), signal), entry.name, problem)
    for (const stored of file.images) {
      const image = imageOf(stored, file.name, names, problem)
      if (!image) continue
      const others = said.get(image.name)
      if (others) others.push({ file, stored })
      else said.set(image.name, [{ file, stored }])
    }
  }
  if (count === 0)
    throw new BadArchive({
      file: 'archive',
      problem: 'has no COCO file',
      remedy: 'add a .json file with the lists images, annotations and categories',
    })
  return said
}

async function* abortable(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    signal.throwIfAborted()
    yield chunk
  }
}

function imageOf(
  { index, image }: StoredImage,
  file: string,
  names: ImageNames,
  problem: (problem: ItemProblem) => void,
): FileEntry | undefined {
  const found = names.find(image.file_name, file)
  if (found.length === 1) return found[0]
  problem({
    file,
    field: `images[${index}].file_name`,
    found: shown(image.file_name),
    problem: found.length ? `may mean any of ${found.length} images` : 'is not among the files',
    remedy: found.length ? 'write its folder too' : 'add the image, or remove it from the list',
  })
  return undefined
}

/** @throws BadItem when what is said belongs to another image, or to nobody knows which */
function describe(said: readonly Said[], size: Size): Description {
  const describing = new Describing()
  for (const { file, stored } of said) {
    const { image, index } = stored
    const place = { file: file.name, field: `images[${index}]` }
    checkSize(stored, file.name, size)
    if (stored.hasTwin)
      throw refusal({ ...place, field: `${place.field}.id` }, 'is the id of several images', {
        found: image.id,
        remedy: 'give every image an id of its own',
      })
    describing.say(() => ({
      tags: tagsOf(image.tags ?? [], { ...place, field: `${place.field}.tags` }),
      metadata: ownKeys(image.metadata ?? {}, { ...place, field: `${place.field}.metadata` }),
    }))
    for (const annotation of stored.annotations) {
      const read = () => readAnnotation(annotation, file, size)
      if (isPrediction(file.name)) describing.takePrediction(read)
      else describing.take(read)
    }
  }
  return describing.result()
}

function checkSize({ index, image }: StoredImage, file: string, size: Size) {
  for (const side of ['width', 'height'] as const) {
    if (!image[side] || image[side] === size[side]) continue
    throw refusal(
      { file, field: `images[${index}].${side}` },
      `is not the image's ${side}, ${size[side]} (image ${size.width}x${size.height})`,
      {
        found: image[side],
        remedy: 'the boxes belong to another image or another scale of it: export them again for this one',
      },
    )
  }
}
