/** What is wrong with the name of a tag, in words; undefined when it is fine. */
export function problemOfTagName(name: string): string | undefined {
  if (!name) return 'is empty'
  if (name.length > 100) return 'is longer than 100 characters'
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name))
    return 'has other characters than letters, digits, ".", "_", "/" and "-", or does not begin with a letter or digit'
  return undefined
}
