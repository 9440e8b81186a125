import { createHash } from 'node:crypto'

/**
 * What a set of entries contains, whatever the order and the serials: the sum of one 2,048-bit number an entry.
 * Adding and removing an entry is one addition, so the fingerprint of a page that changed a little costs little.
 * 64 lanes of 32 bits that wrap (LtHash; Bellare and Micciancio 1997). With 2,048 bits, sets with equal sums cannot be
 * constructed by the generalised birthday attack (Wagner 2002), which breaks sums of 256 bits.
 */
export type Fingerprint = Uint32Array

const lanes = 64

export function emptyFingerprint(): Fingerprint {
  return new Uint32Array(lanes)
}

/**
 * @param assetId SHA-256 of the image's bytes, 32 bytes
 * @param annotationSet hash of the annotation set, 32 bytes
 */
export function fingerprintOfEntry(assetId: Uint8Array, annotationSet: Uint8Array): Fingerprint {
  const bytes = createHash('shake256', { outputLength: lanes * 4 })
    .update(assetId)
    .update(annotationSet)
    .digest()
  return decodeFingerprint(bytes)
}

export function addFingerprint(into: Fingerprint, other: Fingerprint, sign: 1 | -1): void {
  for (let lane = 0; lane < lanes; lane++) into[lane]! += sign * other[lane]!
}

/** 256 bytes, little-endian. */
export function encodeFingerprint(fingerprint: Fingerprint): Buffer {
  const bytes = Buffer.allocUnsafe(lanes * 4)
  fingerprint.forEach((lane, index) => bytes.writeUInt32LE(lane, index * 4))
  return bytes
}

export function decodeFingerprint(bytes: Buffer): Fingerprint {
  return Uint32Array.from({ length: lanes }, (_, lane) => bytes.readUInt32LE(lane * 4))
}

/** Root of a version: equal content gives an equal root, in every database. */
export function rootOf(fingerprint: Fingerprint, assetCount: number): string {
  return createHash('sha256')
    .update(`ymir dataset version 1\n${assetCount}\n`)
    .update(encodeFingerprint(fingerprint))
    .digest('hex')
}
