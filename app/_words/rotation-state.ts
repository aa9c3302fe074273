/** Where an open rotation stands, in its badge. */
export const rotationState = {
  backHeld: (hold: string) => `Rolling back, held: ${hold}`,
  held: (hold: string) => `Held: ${hold}`,
  backPaused: (phase: string) => `Rolling back, paused: ${phase}`,
  paused: (phase: string) => `Paused: ${phase}`,
  back: (phase: string) => `Rolling back: ${phase}`,
  waitsForSecret: 'Rotating: waits for the new secret',
  overlap: 'In overlap',
  rotating: (phase: string) => `Rotating: ${phase}`,
};

/** The badge of a credential both of whose versions work. */
export const overlapping = { until: 'In overlap until {moment}' } as const;
