import type { PlacedFile } from './pack.ts'

/** The files of an `<input type="file">`, of a folder too. */
export function filesOfInput(list: FileList): PlacedFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/** What was dropped, with all that lies in dropped folders. To be called while the drop is handled. */
export async function filesOfDrop(transfer: DataTransfer): Promise<PlacedFile[]> {
  // the items are gone after the first wait
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const found = await Promise.all(entries.map((entry) => filesOfEntry(entry)))
  return found.flat()
}

async function filesOfEntry(entry: FileSystemEntry): Promise<PlacedFile[]> {
  if (entry.isFile) {
    const fileEntry = entry as FileSystemFileEntry // isFile says so
    const file = await new Promise<File>((resolve, reject) => fileEntry.file(resolve, reject))
    return [{ path: entry.fullPath.replace(/^\//, ''), file }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader() // the other kind
  const files: PlacedFile[] = []
  for (;;) {
    // gives a hundred at a time, and none at the end
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return files
    for (const one of some) files.push(...(await filesOfEntry(one)))
  }
}

/** Files that a system leaves in folders and nobody means. */
export function isMeant({ path }: PlacedFile): boolean {
  return !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db')
}

/** The one archive that was chosen, if that is all. */
export function archiveIn(files: readonly PlacedFile[]): File | undefined {
  const [only, ...others] = files
  return only && others.length === 0 && /\.zip$/i.test(only.file.name) ? only.file : undefined
}
