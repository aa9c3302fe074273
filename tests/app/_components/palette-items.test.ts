import { expect, test } from 'vitest';
import { askedFor, paletteItems } from '#app/_components/palette-items.ts';

const fleet = { kind: 'credential' as const, id: 'c1', name: 'fleet-api', about: 'Scout · production' };
const scout = { kind: 'issuer' as const, id: 'i1', name: 'Fleet issuer', about: '' };
const both = ['rotate', 'pause'] as const;

test('the first word is an act only where something follows it', () => {
  expect(askedFor('rotate fleet')).toEqual({ act: 'rotate', name: 'fleet' });
  expect(askedFor('Pause  the fleet ')).toEqual({ act: 'pause', name: 'the fleet' });
  expect(askedFor('rotate')).toEqual({ act: null, name: 'rotate' });
  expect(askedFor('rotations')).toEqual({ act: null, name: 'rotations' });
});

test('an act leads to the question on the credential’s page and does nothing by itself', () => {
  expect(paletteItems('rotate fleet', [fleet, scout], both)).toEqual([
    { id: 'rotate-c1', label: 'Rotate fleet-api…', about: fleet.about, href: '/credentials/c1?act=rotate' },
  ]);
});

test('somebody whose role may not is offered no act', () => {
  expect(paletteItems('rotate fleet', [fleet], [])).toEqual([]);
  expect(paletteItems('fleet', [fleet], []).map(({ href }) => href)).toEqual(['/credentials/c1']);
});

test('a name finds things first, then what can be done, then pages; nothing typed lists the pages', () => {
  expect(paletteItems('fleet', [fleet, scout], both).map(({ label }) => label)).toEqual([
    'fleet-api',
    'Fleet issuer',
    'Rotate fleet-api…',
    'Pause fleet-api…',
  ]);
  expect(paletteItems('', [], both).map(({ label }) => label)).toContain('Overview');
});
