const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MOST_DAYS = 4096;

const padded = (count: number, digits: number): string[] =>
  Array.from({ length: count }, (_, value) => String(value).padStart(digits, '0'));

// All parts that a time is put together of: `07:20:`, `13.`, `000Z`.
const minutes = padded(24, 2).flatMap((hour) => padded(60, 2).map((minute) => `${hour}:${minute}:`));
const seconds = padded(60, 2).map((second) => `${second}.`);
const millis = padded(1000, 3).map((ms) => `${ms}Z`);

/** `2026-11-21T`, by days since the epoch: rows of a page are of few days, and eleven years of them fit. */
const dates = new Map<number, string>();

const dateOf = (day: number): string => {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length);
  if (dates.size >= MOST_DAYS) dates.clear();
  dates.set(day, date);
  return date;
};

/**
 * A time as the wire has it, in UTC with milliseconds: `2026-11-21T07:20:13.000Z`. What `Date.toISOString` gives, for a
 * fifth of its price, which a page pays for each row. Takes whole milliseconds since the epoch; throws a RangeError
 * beyond a Date's range of days.
 */
export const formatInstant = (epochMs: number): string => {
  const day = Math.floor(epochMs / DAY_MS);
  const ofDay = epochMs - day * DAY_MS;
  const ofMinute = ofDay % MINUTE_MS;
  const minute = minutes[(ofDay - ofMinute) / MINUTE_MS];
  return `${dateOf(day)}${minute}${seconds[Math.floor(ofMinute / 1000)]}${millis[ofMinute % 1000]}`;
};
