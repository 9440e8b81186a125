import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AnnotationFormat } from './export-format.ts'
import { assetPath, inImage, onThisMachine, type JobFolders } from './layout.ts'
import type { ManifestAnnotation, ManifestEntry } from './manifest.ts'

/** Writes the ground truth of a training in one format. */
export interface GroundTruthWriter {
  /** @returns the annotation file that the index names for this asset; undefined when the format has none */
  write(entry: ManifestEntry): Promise<string | undefined>
  finish(): Promise<void>
}

/** @param classNames objects of other classes are left out */
export function groundTruthWriter(
  format: AnnotationFormat,
  folders: JobFolders,
  classNames: readonly string[],
): GroundTruthWriter {
  if (format === 'none') return { write: () => Promise.resolve(undefined), finish: () => Promise.resolve() }
  if (format === 'coco') return cocoWriter(folders, classNames)
  if (format === 'voc') return filePerAsset(folders, 'xml', (entry) => vocFile(keep(entry, classNames)))
  return filePerAsset(folders, 'txt', (entry) => arkFile(keep(entry, classNames), classNames))
}

/** An asset in both sets has one file: what was written first stands. */
function filePerAsset(
  folders: JobFolders,
  extension: string,
  textOf: (entry: ManifestEntry) => string,
): GroundTruthWriter {
  const written = new Set<string>()
  return {
    write: async (entry) => {
      const path = `${inImage.annotations}/${entry.assetId.slice(-2)}/${entry.assetId}.${extension}`
      if (written.has(entry.assetId)) return path
      written.add(entry.assetId)
      await writeText(onThisMachine(path, folders), textOf(entry))
      return path
    },
    finish: () => Promise.resolve(),
  }
}

/** Crowds have no place in a format without them: training on one as if it were an object would teach a wrong box. */
function keep(entry: ManifestEntry, classNames: readonly string[]): ManifestEntry {
  return {
    ...entry,
    annotations: entry.annotations.filter(({ label, crowd }) => classNames.includes(label) && !crowd),
  }
}

/** Pascal VOC; the maxima are the last pixels within the box. */
export function vocFile(entry: ManifestEntry): string {
  const { assetId, format, width, height, annotations } = entry
  return [
    '<annotation>',
    `  <folder>${assetId.slice(-2)}</folder>`,
    `  <filename>${assetId}.${format}</filename>`,
    `  <path>${assetPath(assetId, format)}</path>`,
    `  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>`,
    '  <segmented>0</segmented>',
    ...annotations.map(vocObject),
    '</annotation>',
    '',
  ].join('\n')
}

function vocObject({ label, box, difficult, truncated }: ManifestAnnotation): string {
  const { xmin, ymin, xmax, ymax } = inclusiveCorners(box)
  return [
    '  <object>',
    `    <name>${escapeXml(label)}</name>`,
    '    <pose>unknown</pose>',
    `    <truncated>${Number(truncated ?? false)}</truncated>`,
    '    <occluded>0</occluded>',
    `    <bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax>` +
      '<rotate_angle>0</rotate_angle></bndbox>',
    `    <difficult>${Number(difficult ?? false)}</difficult>`,
    `    <box_quality>${UNKNOWN}</box_quality>`,
    `    <confidence>${UNKNOWN}</confidence>`,
    '  </object>',
  ].join('\n')
}

/** Quality and confidence of a box that nobody rated. */
const UNKNOWN = -1

/** One object a line: class index, xmin, ymin, xmax, ymax, annotation quality, rotate angle. */
export function arkFile({ annotations }: ManifestEntry, classNames: readonly string[]): string {
  return annotations
    .map(({ label, box }) => {
      const { xmin, ymin, xmax, ymax } = inclusiveCorners(box)
      return `${[classNames.indexOf(label), xmin, ymin, xmax, ymax, UNKNOWN, 0].join(', ')}\n`
    })
    .join('')
}

/** Readers in the wild parse these as integers. */
function inclusiveCorners({ x, y, width, height }: ManifestAnnotation['box']) {
  const [xmin, ymin] = [Math.round(x), Math.round(y)]
  return {
    xmin,
    ymin,
    xmax: Math.max(xmin, Math.round(x + width) - 1),
    ymax: Math.max(ymin, Math.round(y + height) - 1),
  }
}

/** One coco-annotations.json for all sets; every index line names it. Category ids count from 1, as COCO's own do. */
function cocoWriter(folders: JobFolders, classNames: readonly string[]): GroundTruthWriter {
  const path = `${inImage.annotations}/coco-annotations.json`
  const images = new Map<string, object>()
  const annotations: object[] = []
  const categories = classNames.map((name, index) => ({ id: index + 1, name, supercategory: 'object' }))
  return {
    write: (entry) => {
      const { assetId, format, width, height } = entry
      if (!images.has(assetId)) {
        const id = images.size + 1
        images.set(assetId, { id, file_name: `${assetId}.${format}`, width, height })
        for (const { label, box, crowd } of entry.annotations) {
          if (!classNames.includes(label)) continue
          annotations.push({
            id: annotations.length + 1,
            image_id: id,
            category_id: classNames.indexOf(label) + 1,
            bbox: [box.x, box.y, box.width, box.height],
            area: box.width * box.height,
            iscrowd: Number(crowd ?? false),
            segmentation: [],
          })
        }
      }
      return Promise.resolve(path)
    },
    finish: () =>
      writeText(
        onThisMachine(path, folders),
        JSON.stringify({ images: [...images.values()], annotations, categories }),
      ),
  }
}

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
