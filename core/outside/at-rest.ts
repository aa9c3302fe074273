/** Rotations that nobody is at: held, or in overlap, and let go by their worker. They read the settings anew when they go on. */
export const AT_REST = { leaseUntil: null, OR: [{ hold: { not: null } }, { phase: 'overlap' }] };
