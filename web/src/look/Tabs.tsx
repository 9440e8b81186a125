import type { ReactNode } from 'react'
import { NavLink } from 'react-router'

export interface Tab {
  /** Address under the page that has the tabs, e.g. `models`. */
  readonly to: string
  readonly label: string
  readonly icon?: ReactNode
}

/** Tabs that are pages of their own: each has its address, and the browser's way back works. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="tabs">
      {tabs.map(({ to, label, icon }) => (
        <NavLink key={to} to={to} className="tab">
          {icon}
          {label}
        </NavLink>
      ))}
    </nav>
  )
}
