import { anImage, aVocFile } from '@ymir/dataset/testing'
import { zipOf } from './zip.ts'

/** What the person who imports has decided; left out: SKIP bad items, STOP at unknown labels. */
export interface Choice {
  readonly badItems?: 'STOP' | 'SKIP'
  readonly unknownLabels?: 'STOP' | 'IGNORE' | 'ADD'
  readonly annotations?: 'TAKE' | 'IGNORE'
  readonly format?: string
}

/** An archive with something wrong in it. */
export interface DirtyArchive {
  /** What is wrong, after the format's name. */
  readonly name: string
  readonly bytes: Buffer
  readonly choice?: Choice
}

/** 64 x 48 pixels. */
export const photo = await anImage({ tone: 1 })
export const otherPhoto = await anImage({ tone: 60 })
/** A box that nobody can object to. */
export const goodVoc = aVocFile([{ corners: [1, 1, 20, 20] }])

type Files = Readonly<Record<string, string | Uint8Array>>

/** What an import comes to. Counts are those of its report. */
export interface Outcome {
  readonly state: 'SUCCEEDED' | 'REFUSED'
  readonly assets: number
  readonly annotations: number
  readonly skipped: number
  readonly duplicates: number
  readonly unknownLabels: readonly string[]
  /** In the report's order; fields that do not apply are left out. */
  readonly problems: readonly Readonly<Record<string, string | number>>[]
}

/** Files of some format, some of them in order. */
export function archive(name: string, files: Files, choice: Choice = {}): DirtyArchive {
  return { name, bytes: zipOf(files), choice }
}

/** The same archive under another choice. */
export function withChoice({ name, bytes }: DirtyArchive, choice: Choice): DirtyArchive {
  const words = Object.entries(choice).map(([policy, value]) => `${policy}: ${value}`)
  return { name: `${name}, ${words.join(', ')}`, bytes, choice }
}
