/**
 * Asking keeps a session alive, and a session has to end when nobody is there: after this time without a key or a
 * pointer, a page asks nothing by itself until somebody comes back.
 */
const QUIET_AFTER_MS = 10 * 60_000;
const LOOK_EVERY_MS = 15_000;

export interface Presence {
  /** Whether the page is in front and was touched of late. */
  isHere: () => boolean;
  stop: () => void;
}

/** Knows whether somebody is at this page. `changed` hears of who leaves it untouched, in front or not, and comes back. */
export function watchPresence(changed: (isThere: boolean) => void = () => {}): Presence {
  let touchedAt = Date.now();
  let wasThere = true;
  const look = () => {
    const isThere = Date.now() - touchedAt < QUIET_AFTER_MS;
    if (isThere !== wasThere) {
      wasThere = isThere;
      changed(isThere);
    }
  };
  const touch = () => {
    touchedAt = Date.now();
    look();
  };
  const turn = () => {
    if (!document.hidden) touch();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  window.addEventListener('keydown', touch);
  window.addEventListener('pointermove', touch);
  document.addEventListener('visibilitychange', turn);
  return {
    isHere: () => !document.hidden && Date.now() - touchedAt < QUIET_AFTER_MS,
    stop: () => {
      clearInterval(timer);
      window.removeEventListener('keydown', touch);
      window.removeEventListener('pointermove', touch);
      document.removeEventListener('visibilitychange', turn);
    },
  };
}
