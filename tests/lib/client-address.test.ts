import { expect, test } from 'vitest';
import { clientAddress, networkOf, parseRange } from '#lib/client-address.ts';

const ranges = (...texts: string[]) => texts.map(parseRange).filter((range) => range !== null);
const proxies = ranges('10.0.0.0/8', 'fd00::/8', '192.0.2.7');

test('without proxies of ours the connection says who asks, whatever the header claims', () => {
  expect(clientAddress('198.51.100.1', '203.0.113.9', [])).toBe('198.51.100.1');
  expect(clientAddress('198.51.100.1', '203.0.113.9', proxies)).toBe('198.51.100.1');
});

test('behind proxies of ours it is the last address that is none of them; what stands before it is made up', () => {
  expect(clientAddress('10.0.0.2', '203.0.113.9', proxies)).toBe('203.0.113.9');
  expect(clientAddress('10.0.0.2', '127.0.0.1, 203.0.113.9, 10.9.9.9', proxies)).toBe('203.0.113.9');
  expect(clientAddress('::ffff:10.0.0.2', ' 2001:db8::1 ,fd00::3', proxies)).toBe('2001:db8::1');
  expect(clientAddress('192.0.2.7', '203.0.113.9', proxies)).toBe('203.0.113.9');
});

test('where the header is missing or no address, the last hop that is known counts', () => {
  expect(clientAddress('10.0.0.2', undefined, proxies)).toBe('10.0.0.2');
  expect(clientAddress('10.0.0.2', '203.0.113.9, unknown', proxies)).toBe('10.0.0.2');
  expect(clientAddress('10.0.0.2', '10.0.0.1', proxies)).toBe('10.0.0.1');
  expect(clientAddress(undefined, '203.0.113.9', proxies)).toBe('unknown');
});

test('what is no range is not taken for one', () => {
  expect(parseRange('proxy.internal')).toBeNull();
  expect(parseRange('10.0.0.0/64')).toBeNull();
});

test('an address is counted as its IPv6 network, and one of IPv4 in whatever form as itself', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:0DB8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
  expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9');
  expect(networkOf('step-up')).toBe('step-up');
});
