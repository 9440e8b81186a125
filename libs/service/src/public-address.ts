import { lookup, type LookupAddress, type LookupAllOptions, type LookupOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Networks that are not the public Internet (IANA special-purpose registries, RFC 6890). */
const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits)

/** Of IPv6 only global unicast is public, less what tunnels to IPv4 (Teredo, 6to4) or is for documents. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, bits, 'ipv6')

/** Whether an IP address is one of the public Internet; IPv4 in IPv6 (::ffff:127.0.0.1) is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  return family === 6 && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** As dns.lookup, asked for all addresses. */
export type Lookup = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A name leads to an address that may not be connected to. */
export class NotReachable extends Error {
  constructor(readonly address: string) {
    super(`is at ${address}, which is not an address of the public Internet`)
  }
}

/**
 * As dns.lookup, for sockets: fails with NotReachable when any address may not be reached, for whoever answers so means
 * harm, or our own network. A literal address is never looked up: check that beside.
 * @param ask instead of the machine's resolver
 */
export function lookupOnly(mayReach: (address: string) => boolean, ask: Lookup = lookup): LookupFunction {
  return (host, options: LookupOptions, done) => {
    ask(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '')
      const inside = addresses.find(({ address }) => !mayReach(address))
      if (inside) return done(new NotReachable(inside.address), '')
      if (options.all) return done(null, addresses)
      return done(null, addresses[0]!.address, addresses[0]!.family) // without an error there is one
    })
  }
}
