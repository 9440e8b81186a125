import type { Cipher } from '@ymir/service'
import type { Outward } from '../vendor/outward.ts'
import type { ConnectorRow, LabellingTool } from './connector.entity.ts'
import { Cvat } from './cvat/cvat.ts'
import { cvatHeaders } from './cvat/cvat-http.ts'
import { LabelStudio, labelStudioHeaders, refreshed } from './label-studio/label-studio.ts'
import type { Tool } from './tool.ts'
import { ToolHttp } from './tool-http.ts'

/** How a tool is reached. */
export interface Reach {
  readonly outward: Pick<Outward, 'send'>
  readonly cipher: Cipher
  /** Ends what is asked of it. */
  readonly signal?: AbortSignal
}

/** What a tool's address is called at our door: /vendor/connectors/{vendor}/{name}. */
export const doorNames: Readonly<Record<LabellingTool, string>> = {
  LABEL_STUDIO: 'label-studio',
  CVAT: 'cvat',
}

/** The tool of a connector. */
export function toolOf(
  { tool, url, organization, token }: Pick<ConnectorRow, 'tool' | 'url' | 'organization' | 'token'>,
  { outward, cipher, signal }: Reach,
): Tool {
  const key = cipher.decrypt(token)
  if (tool === 'CVAT') {
    const headers = cvatHeaders(key, organization)
    return new Cvat(
      new ToolHttp(outward, { name: 'CVAT', url, signal, headers: () => Promise.resolve(headers) }),
    )
  }
  const name = 'Label Studio'
  const withoutToken = new ToolHttp(outward, { name, url, signal, headers: () => Promise.resolve({}) })
  const headers = labelStudioHeaders(key, (one) => refreshed(withoutToken, one))
  return new LabelStudio(new ToolHttp(outward, { name, url, signal, headers }))
}

/** Where a tool calls us; null when it cannot reach us. */
export function hookAddress({ platformUrl, vendorId, tool }: ConnectorRow): string | null {
  return platformUrl && `${platformUrl.replace(/\/+$/, '')}/vendor/connectors/${vendorId}/${doorNames[tool]}`
}
