import { Document, parse, visit, type ScalarTag, type Tags } from 'yaml'

/**
 * YAML as the images' programs read and write it: PyYAML, which knows YAML 1.1. There `no` is a boolean, `12:30` a
 * number, and `1e-7` without a point a text.
 */
const version = '1.1'

/** Reads a template. Dates stay texts: no parameter is one. @throws YAMLParseError, ReferenceError (too many aliases) */
export function readYaml(text: string): unknown {
  return parse(text, { version, customTags: (tags) => tags.filter((tag) => nameOf(tag) !== 'timestamp') })
}

/** Writes what images read: each text comes back as a text, each number as a number, each on a line of its own. */
export function writeYaml(value: unknown): string {
  const document = new Document(value, {
    version,
    aliasDuplicateObjects: false,
    // `<<` is nothing but a text here
    customTags: (tags) => [numberWithExponent, ...tags.filter((tag) => nameOf(tag) !== 'merge')],
  })
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && !plain.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 }) // images in shell read line by line
}

/** Texts that may stand without quotes, unless they look like something else; `=`, `<<` and tabs may not in PyYAML. */
const plain = /^[\p{L}\p{N}_./:@%+ -]+$/u

/** PyYAML takes `1e-7` for a text (https://github.com/yaml/pyyaml/issues/173): it needs `1.0e-7`. */
const numberWithExponent: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number' && /^-?\d+e/.test(String(value)),
  test: /(?!)/, // nothing: it is for writing
  resolve: Number,
  stringify: ({ value }) => String(value).replace('e', '.0e'),
}

function nameOf(tag: Tags[number]): string {
  return typeof tag === 'string' ? tag : tag.tag.slice('tag:yaml.org,2002:'.length)
}
