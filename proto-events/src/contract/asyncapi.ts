import type { FileRegistry } from '@bufbuild/protobuf'
import { stringify } from 'yaml'
import { definitionsIn, type EventDefinition } from '../definition.ts'
import { commentOf } from './comments.ts'
import { vendorMessagesIn, type VendorMessage } from '../vendor.ts'
import { jsonSchemaOf, messagesWithin, referenceTo, type JsonSchema } from './json-schema.ts'

type Section = Record<string, JsonSchema>

/**
 * The AsyncAPI 3 document of everything on the bus, for vendors and other languages.
 * @param contracts descriptors with source information: comments become descriptions
 */
export function asyncApiDocument(contracts: FileRegistry): string {
  const files = [...contracts.files].sort((a, b) => (a.name < b.name ? -1 : 1))
  const definitions = files.flatMap(definitionsIn)
  const ofVendors = files.flatMap(vendorMessagesIn)
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'YMIR events',
      version: '1.0.0',
      description:
        'Facts and requests of the YMIR services, as CloudEvents 1.0 in NATS binary content mode with proto3 JSON ' +
        'as data. Facts are delivered at least once: remember ce-id to handle each once. Ignore fields that you do ' +
        'not know. Channels tagged telemetry may be conflated or lost.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      platform: {
        host: 'localhost:4222',
        protocol: 'nats',
        description: 'The NATS server of the installation.',
      },
    },
    channels: { ...section(definitions, channelsOf), ...channelsOfVendors(ofVendors) },
    operations: { ...section(definitions, operationsOf), ...operationsOfVendors(ofVendors) },
    components: {
      messages: { ...section(definitions, messageOf), ...Object.fromEntries(ofVendors.map(describeMessage)) },
      schemas: { CloudEvent: cloudEventSchema, ...schemasOf(definitions), ...schemasOfVendors(ofVendors) },
    },
  }
  return banner + stringify(document, { lineWidth: 110, aliasDuplicateObjects: false })
}

const banner =
  '# Generated from proto/ by `npm run generate -w proto-events`: change the .proto files instead.\n'

function section(
  definitions: readonly EventDefinition[],
  entriesOf: (definition: EventDefinition) => [string, JsonSchema][],
): Section {
  return Object.fromEntries(definitions.flatMap(entriesOf))
}

// One channel a writer: the writer is part of the address, so that a subject tells who spoke.
function channelsOf(definition: EventDefinition): [string, JsonSchema][] {
  const { entity, event, schema, entityIdField, telemetry } = definition
  return definition.writers.map((writer) => [
    channelName(writer, definition),
    {
      address: `ymir.${writer}.${entity}.${event}.{projectId}.{${entityIdField}}`,
      title: `${schema.name} by ${writer}`,
      description: commentOf(schema),
      tags: [{ name: entity }, ...(telemetry ? [{ name: 'telemetry' }] : [])],
      messages: { [schema.name]: { $ref: `#/components/messages/${schema.name}` } },
      parameters: Object.fromEntries(
        idsOf(entityIdField).map((id) => [id, { description: parameterDescription(id, entity) }]),
      ),
    },
  ])
}

// Writers send. A request is received by the service whose contract it is, a fact by whoever subscribes.
function operationsOf(definition: EventDefinition): [string, JsonSchema][] {
  const { writers, service, schema } = definition
  const isRequest = !writers.includes(service)
  const receiver = isRequest ? service : 'subscriber'
  return writers.flatMap((writer): [string, JsonSchema][] => {
    const channel = `#/channels/${channelName(writer, definition)}`
    const operation = (action: 'send' | 'receive', who: string): JsonSchema => ({
      action,
      channel: { $ref: channel },
      title: action === 'send' ? `${who} says ${schema.name}` : `${who} hears ${schema.name} of ${writer}`,
      tags: [{ name: who }],
      messages: [{ $ref: `${channel}/messages/${schema.name}` }],
    })
    return [
      [`${writer}.sends.${schema.name}`, operation('send', writer)],
      [`${receiver}.receives.${schema.name}.of.${writer}`, operation('receive', receiver)],
    ]
  })
}

function messageOf(definition: EventDefinition): [string, JsonSchema][] {
  return [describeMessage(definition)]
}

function describeMessage({ schema, type }: Pick<EventDefinition, 'schema' | 'type'>): [string, JsonSchema] {
  const headers = {
    allOf: [
      { $ref: '#/components/schemas/CloudEvent' },
      { type: 'object', properties: { 'ce-type': { type: 'string', const: type } } },
    ],
  }
  return [
    schema.name,
    { name: type, title: schema.name, summary: commentOf(schema), headers, payload: referenceTo(schema) },
  ]
}

// A channel carries several messages: all that is said to a vendor comes on one subject, so that it needs one consumer.
function channelsOfVendors(messages: readonly VendorMessage[]): Section {
  const channels = [...new Set(messages.map(({ channel }) => channel))]
  return Object.fromEntries(
    channels.map((channel) => [
      `vendor.${channel}`,
      {
        address: `ymir.vendor.{vendorId}.${channel}`,
        title: `${channel} of a vendor`,
        description: 'Its credentials open this subject to the vendor itself only (docs/vendors.md).',
        tags: [{ name: 'vendor' }],
        messages: Object.fromEntries(
          messages
            .filter((message) => message.channel === channel)
            .map(({ schema }) => [schema.name, { $ref: `#/components/messages/${schema.name}` }]),
        ),
        parameters: { vendorId: { description: 'The vendor.' } },
      },
    ]),
  )
}

function operationsOfVendors(messages: readonly VendorMessage[]): Section {
  return Object.fromEntries(
    messages.flatMap(({ schema, channel, writer }): [string, JsonSchema][] => {
      const reader = writer === 'vendor' ? 'labeling' : 'vendor'
      const operation = (action: 'send' | 'receive', who: string): JsonSchema => ({
        action,
        channel: { $ref: `#/channels/vendor.${channel}` },
        title: `${who} ${action}s ${schema.name}`,
        tags: [{ name: who }],
        messages: [{ $ref: `#/channels/vendor.${channel}/messages/${schema.name}` }],
      })
      return [
        [`${writer}.sends.${schema.name}`, operation('send', writer)],
        [`${reader}.receives.${schema.name}`, operation('receive', reader)],
      ]
    }),
  )
}

function schemasOfVendors(messages: readonly VendorMessage[]): Section {
  const all = messages.flatMap(({ schema }) => [...messagesWithin(schema)])
  return Object.fromEntries(all.map((message) => [message.typeName, jsonSchemaOf(message)]))
}

function schemasOf(definitions: readonly EventDefinition[]): Section {
  const schemas: Section = {}
  for (const { schema, entityIdField } of definitions)
    for (const message of messagesWithin(schema))
      schemas[message.typeName] = jsonSchemaOf(message, message === schema ? idsOf(entityIdField) : [])
  return schemas
}

// An event about a project names one id, all others two.
function idsOf(entityIdField: string): string[] {
  return [...new Set(['projectId', entityIdField])]
}

const cloudEventSchema: JsonSchema = {
  type: 'object',
  title: 'CloudEvent',
  description: 'Headers of every event: CloudEvents 1.0, NATS protocol binding, binary content mode.',
  required: ['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time'],
  properties: {
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': { type: 'string', description: 'Unique for ever; the same when an event is delivered again.' },
    'ce-source': {
      type: 'string',
      format: 'uri-reference',
      description: 'The service that wrote it, e.g. /ymir/executor.',
    },
    'ce-type': { type: 'string', description: 'Entity, event and version of the contract.' },
    'ce-subject': { type: 'string', description: 'Id of the entity that it is about.' },
    'ce-time': { type: 'string', format: 'date-time', description: 'When it became true.' },
    'ce-projectid': { type: 'string', description: 'The project that it belongs to.' },
    'ce-actorid': { type: 'string', description: 'The user who caused it; left out when the platform did.' },
    'content-type': { type: 'string', const: 'application/json' },
  },
}

function parameterDescription(id: string, entity: string): string {
  if (id === 'projectId') return 'The project; * follows every project.'
  return `Id of the ${entity.replaceAll('_', ' ')}; * follows every one.`
}

function channelName(writer: string, { entity, event }: EventDefinition): string {
  return `${writer}.${entity}.${event}`
}
