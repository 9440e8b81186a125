import { expect, test } from 'vitest'

const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.{test,generated}.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** A part of the program that is fetched when it is shown, and the texts that are fetched with it. */
interface Fetched {
  readonly file: string
  readonly namespaces: readonly string[]
}

const fetched = Object.entries(sources).flatMap(([from, code]): Fetched[] =>
  [
    ...code.matchAll(
      /withWords\(\s*\[([^\]]*)\],\s*async \(\) => \(\{\s*\w+: \(await import\('([^']+)'\)\)/g,
    ),
  ].map(([, namespaces = '', file = '']) => ({ file: resolve(from, file), namespaces: quoted(namespaces) })),
)

/** All that is imported from a file of code, itself and by what it imports, and not fetched later. */
function codeBelow(file: string, found = new Set<string>()): Set<string> {
  const code = sources[file]
  if (code === undefined || found.has(file)) return found
  found.add(file)
  for (const [, other = ''] of code.matchAll(/^(?:import|export) (?!type )[^'"]*?'(\.[^']+)'/gm))
    codeBelow(resolve(file, other), found)
  return found
}

function spokenBelow(file: string): string[] {
  const asked = [...codeBelow(file)].flatMap((one) =>
    [...sources[one]!.matchAll(/useTranslation\(([^)]*)\)/g)].flatMap(([, names = '']) => quoted(names)),
  )
  // the frame brings its own
  return [...new Set(asked)].filter((name) => name !== 'app').sort()
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([^']+)'/g)].map(([, word = '']) => word)
}

function resolve(from: string, to: string): string {
  return new URL(to, new URL(from, 'file:///sources/words/')).pathname.replace(/^\/sources\//, '../')
}

test('every page is fetched with its texts', () => {
  const withoutTexts = Object.entries(sources).filter(([file, code]) => {
    const pages = [...code.matchAll(/import\('[^']+\.tsx'\)/g)].length
    return pages !== [...code.matchAll(/withWords\(\s*\[/g)].length && !file.endsWith('/words.ts')
  })
  expect(withoutTexts.map(([file]) => file)).toEqual([])
  expect(fetched.length).toBeGreaterThan(20)
})

test.each(fetched)('$file is fetched with just the texts that it shows', ({ file, namespaces }) => {
  expect(sources[file]).toBeDefined()
  expect([...namespaces].sort()).toEqual(spokenBelow(file))
})

test('what is there from the beginning speaks with the words of the frame', () => {
  expect(codeBelow('../main.tsx').size).toBeGreaterThan(20)
  expect(spokenBelow('../main.tsx')).toEqual([])
})
