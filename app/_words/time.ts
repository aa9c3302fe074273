/** Lengths of time and how far away a moment is, in short. */
export const lengths = {
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (n: number) => `${n} h`,
  days: (n: number) => `${n} d`,
  /** A length and what is left of it in a smaller unit. */
  two: (long: string, rest: string) => `${long} ${rest}`,
  hardlyAny: 'under 0.1 s',
  ago: (length: string) => `${length} ago`,
  ahead: (length: string) => `in ${length}`,
  justNow: 'just now',
};

/** Days and times of the clock. */
export const moments = {
  /** The language that weekdays and months are named in. */
  language: 'en-GB',
  /** The languages that are asked for a zone's short name, the first that has one wins. */
  zoneLanguages: ['en-GB', 'en-US', 'en-AU'],
  day: (day: string, month: string) => `${day} ${month}`,
  whole: (at: { weekday: string; day: string; month: string; year: string; clock: string; zone: string }) =>
    `${at.weekday} ${at.day} ${at.month} ${at.year}, ${at.clock} ${at.zone}`,
};
