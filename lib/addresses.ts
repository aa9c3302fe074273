import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One entry of REKEY_ALLOW_HOSTS: a name or a range of addresses, and perhaps one port. */
export interface AllowEntry {
  readonly host?: string;
  readonly range?: readonly [Address, number];
  readonly port?: number;
}

/** `open`: the public internet. `listed`: only where an admin lists it. `never`: not even then. */
export interface AddressUse {
  readonly use: 'open' | 'listed' | 'never';
  /** Completes the sentence "The address … is …". */
  readonly what: string;
}

/** Addresses of cloud metadata and host services that lie outside link-local space. */
const METADATA = new Set([
  'fd00:ec2::254', // AWS, IPv6
  'fd20:ce::254', // Google Cloud, IPv6
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure host
  '192.0.0.192', // Oracle Cloud
]);

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
const LAST_FOUR_BYTES = 12;
const SIX_TO_FOUR_BYTES = 2;

/**
 * Says what kind of address this is. Everything that is not known to be public, private or loopback is
 * `never` (IANA special-purpose registries, RFC 6890), so that a range nobody thought of is closed.
 */
export function describeAddress(text: string): AddressUse {
  if (!ipaddr.isValid(text)) return { use: 'never', what: 'not an IP address' };
  const address = innerAddress(ipaddr.parse(text));
  if (METADATA.has(withoutZone(address))) return { use: 'never', what: 'a cloud metadata address' };
  const range = address.range();
  if (range === 'linkLocal') return { use: 'never', what: 'link-local, where cloud metadata lives' };
  if (range === 'loopback') return { use: 'listed', what: 'a loopback address' };
  if (range === 'private' || range === 'uniqueLocal' || range === 'carrierGradeNat') {
    return { use: 'listed', what: 'in a private range' };
  }
  const open = range === 'unicast' && (address.kind() === 'ipv4' || inRange(address, GLOBAL_UNICAST));
  return open ? { use: 'open', what: 'public' } : { use: 'never', what: 'in a reserved range' };
}

/**
 * Reads `host`, `host:port`, an address, `[address]:port` or a CIDR range. An address stands for itself under
 * every name that leads to it. Throws on anything else; a pattern such as `*.internal` is refused.
 */
export function parseAllowEntry(text: string): AllowEntry {
  const entry = text.trim();
  if (entry.includes('/')) {
    if (!ipaddr.isValidCIDR(entry)) throw unreadable(entry);
    return { range: ipaddr.parseCIDR(entry) };
  }
  const bare = isIPv6(entry) ? `[${entry}]` : entry;
  const [, host = '', digits] = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(bare) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (host === '' || (port !== undefined && (port === 0 || port > 65_535))) throw unreadable(entry);
  if (!URL.canParse(`http://${host}`)) throw unreadable(entry);
  const name = new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const ported = port === undefined ? {} : { port };
  if (!ipaddr.isValid(name)) return { host: name, ...ported };
  const address = innerAddress(ipaddr.parse(name));
  return { range: [address, address.kind() === 'ipv4' ? 32 : 128], ...ported };
}

/** Whether the address, or the IPv4 address it carries, lies in the range. */
export function sameAddress(text: string, range: readonly [Address, number]): boolean {
  const address = ipaddr.parse(text);
  return inRange(address, range) || inRange(innerAddress(address), range);
}

/** The IPv4 address that an IPv6 address stands for (mapped, translated, NAT64, 6to4), or the address itself. */
function innerAddress(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const range = address.range();
  const carriesLast = range === 'ipv4Mapped' || range === 'rfc6145' || inRange(address, NAT64);
  if (carriesLast) return ipv4At(address, LAST_FOUR_BYTES);
  return range === '6to4' ? ipv4At(address, SIX_TO_FOUR_BYTES) : address;
}

function ipv4At(address: Address, start: number): Address {
  return ipaddr.fromByteArray(address.toByteArray().slice(start, start + 4));
}

function inRange(address: Address, [base, bits]: readonly [Address, number]): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}

function withoutZone(address: Address): string {
  return address.toString().replace(/%.*$/, '');
}

function unreadable(entry: string): Error {
  return new Error(
    `REKEY_ALLOW_HOSTS holds "${entry}", which is no host name, host:port or CIDR range: correct it and start again.`,
  );
}
