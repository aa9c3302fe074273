import type { Strategy } from '#core/rotation/strategies.ts';
import type { ClientBehaviour } from '#demo/surfacescout/behaviour.ts';

/** One kind of issuer and the strategy that follows from it. */
export interface Cell {
  readonly title: string;
  readonly strategy: Strategy;
  /** Where nothing is said, the client is like the sample's. */
  readonly client: Omit<ClientBehaviour, 'clientId' | 'propagationSeconds'>;
  readonly readsNext: boolean;
  /** Whether a rotation can be turned back once the issuer has changed something. */
  readonly reversible: boolean;
}

const plain = { overlap: 'explicit', chosenValue: false, readBack: false, list: true, hasApi: true } as const;

export const cells = {
  'many-overlap': {
    title: 'many slots, overlap',
    strategy: 'overlap',
    client: { ...plain, maxLive: 10 },
    readsNext: false,
    reversible: true,
  },
  'two-overlap': {
    title: 'two slots, overlap',
    strategy: 'overlap',
    client: { ...plain, maxLive: 2 },
    readsNext: false,
    reversible: true,
  },
  'two-graced': {
    title: 'two slots, graced',
    strategy: 'graced',
    client: { ...plain, maxLive: 2, overlap: 'graced' },
    readsNext: false,
    reversible: true,
  },
  'chosen-prestage': {
    title: 'one slot with a chosen value, prestage',
    strategy: 'prestage',
    client: { ...plain, maxLive: 1, chosenValue: true },
    readsNext: true,
    reversible: true,
  },
  'chosen-cut-over': {
    title: 'one slot with a chosen value, cut-over',
    strategy: 'cut-over',
    client: { ...plain, maxLive: 1, chosenValue: true, list: false },
    readsNext: false,
    reversible: true,
  },
  'readable-cut-over': {
    title: 'one readable slot, cut-over',
    strategy: 'cut-over',
    client: { ...plain, maxLive: 1, readBack: true },
    readsNext: false,
    reversible: false,
  },
  'unreadable-cut-over': {
    title: 'one unreadable slot, cut-over',
    strategy: 'cut-over',
    client: { ...plain, maxLive: 1, list: false },
    readsNext: false,
    reversible: false,
  },
  assisted: {
    title: 'no API, assisted',
    strategy: 'assisted',
    client: { ...plain, maxLive: 1, list: false, hasApi: false },
    readsNext: false,
    reversible: false,
  },
} as const satisfies Record<string, Cell>;

export type CellName = keyof typeof cells;
