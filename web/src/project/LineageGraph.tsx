import '@xyflow/react/dist/style.css'
import './lineage.css'
import dagre from '@dagrejs/dagre'
import { useComputedColorScheme } from '@mantine/core'
import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { pageOf, type Lineage, type Thing } from './lineage.ts'
import { useThingWords } from './useThingWords.ts'

const width = 190
const height = 54

type ThingNode = Node<{ thing: Thing }, 'thing'>

/** From top to bottom: what was there first, and what came of it. Each thing leads to its page. */
export function LineageGraph({ lineage }: { lineage: Lineage }) {
  const { t } = useTranslation('project')
  const scheme = useComputedColorScheme('light')
  const { nodes, edges, length } = useMemo(() => placed(lineage), [lineage])
  return (
    <div className="lineage" role="region" aria-label={t('lineage')} style={{ height: heightFor(length) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        // the link in each is what the keys reach
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        // the wheel scrolls the page; with ctrl it zooms, and so do the buttons
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: false }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} aria-label={t('zoom')} />
      </ReactFlow>
    </div>
  )
}

function ThingCard({ data: { thing } }: NodeProps<ThingNode>) {
  const { name, facts } = useThingWords()(thing)
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <Link to={pageOf(thing)} className={`thing thing-${thing.__typename} nodrag nopan`}>
        <strong>{name}</strong>
        <span>{facts}</span>
      </Link>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  )
}

/** As high as the graph, so that one scrolls through it as through a page; a very long one is drawn smaller. */
function heightFor(length: number): number {
  return Math.min(1_800, Math.max(380, length + 60))
}

const nodeTypes = { thing: ThingCard }

/** Where dagre puts each thing, layer by layer. */
function placed({ things, ties }: Lineage): { nodes: ThingNode[]; edges: Edge[]; length: number } {
  const graph = new dagre.graphlib.Graph({ multigraph: true })
    .setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 36 })
    .setDefaultEdgeLabel(() => ({}))
  for (const { id } of things) graph.setNode(id, { width, height })
  for (const { fromId, toId, role } of ties) graph.setEdge(fromId, toId, {}, role)
  dagre.layout(graph)
  return {
    length: graph.graph().height ?? 0,
    nodes: things.map((thing) => {
      const { x, y } = graph.node(thing.id)
      return {
        id: thing.id,
        type: 'thing',
        data: { thing },
        width,
        height,
        position: { x: x - width / 2, y: y - height / 2 },
      }
    }),
    edges: ties.map(({ fromId, toId, role }) => ({
      id: [fromId, role, toId].join(' '),
      source: fromId,
      target: toId,
      className: role === 'TESTED_ON' ? 'tie-tested' : undefined,
    })),
  }
}
