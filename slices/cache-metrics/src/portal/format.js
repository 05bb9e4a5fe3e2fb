// Figures as people read them. Every function takes null for "nothing to say", and shows a dash.

const NOTHING = '–';

/** @param {number} digits */
const upTo = (digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits });
const whole = upTo(0);
const oneDigit = upTo(1);
const twoDigits = upTo(2);
const twoSignificant = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });

/** @typedef {(value: number | null | undefined) => string} Format */

/** @param {(value: number) => string} write @returns {Format} */
const orNothing = (write) => (value) =>
  value === null || value === undefined || Number.isNaN(value) ? NOTHING : write(value);

/** @param {number} value */
const short = (value) => {
  if (value < 0.1) return twoSignificant.format(value);
  return (value >= 100 ? whole : value >= 10 ? oneDigit : twoDigits).format(value);
};

export const formatCount = orNothing((value) => whole.format(value));

/** A rate, or any number that may be small. */
export const formatNumber = orNothing(short);

export const formatShare = orNothing(
  (value) => `${(value > 0 && value < 0.1 ? twoDigits : oneDigit).format(value * 100)}%`,
);

/** Seconds, as ms or s. */
export const formatSeconds = orNothing((value) =>
  value >= 1 ? `${short(value)} s` : `${short(value * 1000)} ms`,
);

export const formatBytes = orNothing((value) => {
  if (value >= 1024 ** 3) return `${twoDigits.format(value / 1024 ** 3)} GiB`;
  return value >= 1024 ** 2 ? `${short(value / 1024 ** 2)} MiB` : `${short(value / 1024)} KiB`;
});

/** @param {number} atMs */
export const formatClock = (atMs) => new Date(atMs).toLocaleTimeString('en-GB');
