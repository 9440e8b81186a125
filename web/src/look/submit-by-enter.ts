import type { KeyboardEvent } from 'react'

/** For a text of several lines that is usually one: Enter submits its form, with Shift it begins a line. */
export function submitByEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
  event.preventDefault()
  event.currentTarget.form?.requestSubmit()
}
