import ipaddr from 'ipaddr.js';

export type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads an address or a CIDR range; null where it is neither. */
export function parseRange(text: string): Range | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isIn(text: string, ranges: readonly Range[]): boolean {
  const address = ipaddr.process(text);
  return ranges.some(([base, bits]) => {
    if (address.kind() !== base.kind()) return false;
    return address.match(base, bits);
  });
}

/**
 * Who sent a request: what the connection says, unless that is a proxy of ours. Then the last entry of X-Forwarded-For that is
 * no proxy of ours: what stands before it was written by whoever it names, and may be made up.
 */
export function clientAddress(
  connected: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly Range[],
): string {
  if (connected === undefined || !ipaddr.isValid(connected)) return 'unknown';
  let client = ipaddr.process(connected).toString();
  for (const hop of (forwardedFor ?? '').split(',').reverse()) {
    const next = hop.trim();
    if (!isIn(client, trusted) || !ipaddr.isValid(next)) break;
    client = ipaddr.process(next).toString();
  }
  return client;
}

const SITE_BYTES = 8;

/**
 * What stands for whoever is behind an address when they are counted: of IPv6 the first 64 bits, because everybody who has one address
 * of a network has all of them. What is no address stands for itself.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const site = parsed.toByteArray().fill(0, SITE_BYTES);
  return `${ipaddr.fromByteArray(site)}/64`;
}
