import { notFound } from '@ymir/graphql'
import { FormatName, type FormatWriter } from '../format/format.ts'
import { writers } from '../format/writers.ts'
import { ExportContainer } from './export.ts'

/** What an export's address says. */
export interface ExportFile {
  readonly versionId: string
  readonly writer: FormatWriter
  readonly container: ExportContainer
}

/** e.g. `<version id>.label-studio.tar` */
export function exportFileName({ versionId, writer, container }: ExportFile): string {
  return `${versionId}.${wordOf(writer.name)}.${wordOf(container)}`
}

/** @throws DomainError NOT_FOUND for any other name */
export function parseExportFileName(file: string): ExportFile {
  const [versionId = '', formatWord, containerWord, ...more] = file.split('.')
  const format = (Object.keys(FormatName) as FormatName[]).find((one) => wordOf(one) === formatWord) // keys of the table
  const container = (Object.keys(ExportContainer) as ExportContainer[]).find(
    (one) => wordOf(one) === containerWord,
  )
  if (!format || !container || more.length) throw notFound('export', file)
  return { versionId, writer: writers[format], container }
}

function wordOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
