import { useLayoutEffect, useRef } from 'react'

/** What keys do, by their name: modifiers in the order Ctrl, Alt, Shift, then the key, as in `Ctrl+Shift+Z`. */
export type Keys = Readonly<Record<string, () => void>>

/** Listens to the keys of a page, but not while somebody writes or a dialog is open. */
export function useKeys(keys: Keys): void {
  const newest = useRef(keys)
  // before it is painted: whoever sees an image may press a key for it at once
  useLayoutEffect(() => void (newest.current = keys))
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isForOthers(event)) return
      const does = newest.current[nameOf(event)]
      if (!does) return
      event.preventDefault()
      does()
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])
}

export function nameOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const isLetter = /^\p{L}$/u.test(key)
  const isSign = key.length === 1 && !isLetter // its Shift is part of the sign
  return [
    ...(ctrlKey || metaKey ? ['Ctrl'] : []),
    ...(altKey ? ['Alt'] : []),
    ...(shiftKey && !isSign ? ['Shift'] : []),
    isLetter ? key.toUpperCase() : key,
  ].join('+')
}

function isForOthers({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('[role="dialog"], [role="menu"]')) return true
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true
  return (key === 'Enter' || key === ' ') && /^(BUTTON|A)$/.test(target.tagName)
}
