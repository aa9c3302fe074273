/** Seconds from a Retry-After header: a number or an HTTP date (RFC 9110, 10.2.3). At most one day; null where it says none. */
export function secondsFrom(header: string | undefined, now: number): number | null {
  const value = header?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), 86_400);
}
