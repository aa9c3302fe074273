import type { Notice } from '#connectors/contract.ts';

/** As many notices as asked for, as core makes them. */
export function someNotices(count: number): Notice[] {
  return Array.from({ length: count }, (_none, n) => ({
    id: `notice-${n}`,
    kind: 'rotation_held',
    title: `The rotation of fleet-${n} is held`,
    detail: 'The issuer <refuses> & says no.',
    url: `https://rekey.example/rotations/${n}`,
    at: new Date('2026-11-25T12:00:00Z'),
  }));
}
