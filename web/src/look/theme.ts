import { createTheme, type CSSVariablesResolver } from '@mantine/core'

export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 6 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
  headings: { fontWeight: '650' },
})

/** Under the pointer Mantine's colours come so near to each other that words on them cannot be read (below 4.5 : 1). */
export const readableVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: Object.fromEntries(
    Object.keys(colors).flatMap((name) => [
      [
        `--mantine-color-${name}-filled-hover`,
        `color-mix(in srgb, var(--mantine-color-${name}-filled), black 15%)`,
      ],
      [
        `--mantine-color-${name}-light-color`,
        `color-mix(in srgb, var(--mantine-color-${name}-9), black 25%)`,
      ],
    ]),
  ),
  dark: {},
})
