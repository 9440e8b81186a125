import { useEffect, useRef, useState } from 'react'
import { archiveIn, isMeant } from './chosen-files.ts'
import { packFiles, type PlacedFile } from './pack.ts'
import { uploadFile, type UploadProgress } from '../upload/upload.ts'

export type UploadState =
  | { readonly step: 'none' }
  | ({ readonly step: 'packing' | 'sending'; readonly name: string } & UploadProgress)
  | { readonly step: 'done'; readonly name: string; readonly uploadId: string }
  | { readonly step: 'failed'; readonly name: string; readonly error: unknown }

/** Packs what was chosen if need be, and sends it; leaving the page stops it, and choosing the same again goes on. */
export function useUpload() {
  const [state, setState] = useState<UploadState>({ step: 'none' })
  const running = useRef<AbortController>(undefined)
  const [files, setFiles] = useState<readonly PlacedFile[]>([])
  useEffect(() => () => running.current?.abort(), [])
  const stop = () => {
    running.current?.abort()
    setState({ step: 'none' })
  }
  const start = async (chosen: readonly PlacedFile[]) => {
    running.current?.abort()
    const meant = chosen.filter(isMeant)
    if (meant.length === 0) return
    setFiles(meant)
    const { signal } = (running.current = new AbortController())
    const archive = archiveIn(meant)
    const name = archive?.name ?? `${meant[0]!.path.split('/')[0]}.zip`
    const tell = (next: UploadState) => !signal.aborted && setState(next)
    try {
      const totalBytes = meant.reduce((sum, { file }) => sum + file.size, 0)
      const packed =
        archive ??
        (await packFiles(
          meant,
          (sentBytes) => tell({ step: 'packing', name, sentBytes, totalBytes }),
          signal,
        ))
      const uploadId = await uploadFile(packed, name, {
        onProgress: (sent) => tell({ step: 'sending', name, ...sent }),
        signal,
      })
      tell({ step: 'done', name, uploadId })
    } catch (error) {
      tell({ step: 'failed', name, error })
    }
  }
  return {
    state,
    start: (chosen: readonly PlacedFile[]) => void start(chosen),
    retry: () => void start(files),
    stop,
  }
}
