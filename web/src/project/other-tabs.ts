import type { ComponentType } from 'react'

type Load = () => Promise<Record<string, ComponentType>>

// found at build time, so that a tab is there as soon as its file is
const files = {
  ...(import.meta.glob('../iteration/IterationsTab.tsx') as Record<string, Load>), // a module of components
  ...(import.meta.glob('../labelling/LabellingTab.tsx') as Record<string, Load>), // a module of components
}

/** Tabs of a project that other folders make. */
export const otherTabs = {
  iterations: files['../iteration/IterationsTab.tsx'],
  labelling: files['../labelling/LabellingTab.tsx'],
}
