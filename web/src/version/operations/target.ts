import { useState } from 'react'
import { useNavigate } from 'react-router'

/** Name and note of a version that is about to be made. */
export function useTarget(suggestion: string) {
  const [name, setName] = useState(suggestion)
  const [note, setNote] = useState('')
  return {
    fields: { name, onName: setName, note, onNote: setNote },
    /** As the mutations take it. */
    input: { name: name.trim(), note: note.trim() || null },
    isNamed: name.trim() !== '',
  }
}

/** Goes to a version that has just been made. */
export function useGoToVersion() {
  const navigate = useNavigate()
  return (version: { readonly id: string }) => void navigate(`/versions/${version.id}`)
}
