/**
 * Ties this process to the one that started it: when the channel between them closes, or on SIGTERM or SIGINT,
 * `close` runs once and the process ends, within two seconds when the starter is gone.
 */
export function tieToStarter(close: () => Promise<void>): void {
  let closing = false;
  const leave = (limitMs: number) => {
    if (closing) {
      return;
    }
    closing = true;
    setTimeout(() => process.exit(1), limitMs).unref();
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  if (process.send !== undefined) {
    process.on('disconnect', () => leave(1800));
    if (!process.connected) {
      leave(1800);
    }
  }
  process.on('SIGTERM', () => leave(30_000));
  process.on('SIGINT', () => leave(30_000));
}

/** Tells the starter, if there is one, that this process serves. */
export function sayReady(): void {
  // With a callback, a starter that has just gone is no error; `disconnect` deals with it.
  process.send?.('ready', undefined, undefined, () => {});
}
