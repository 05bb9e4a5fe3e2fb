import { z } from 'zod';

/**
 * A string of `least` to `most` characters, counted in Unicode code points as JSON Schema counts them; zod's own
 * `min` and `max` count UTF-16 units, so that an emoji would be two.
 */
export const text = (least: number, most: number) =>
  z
    .string()
    .refine((value) => {
      // A code point takes one or two units, so most lengths are decided without counting.
      if (value.length < least || value.length > 2 * most) return false;
      if (value.length <= most && least <= 1) return true;
      const { length } = Array.from(value);
      return length >= least && length <= most;
    }, `must have ${least} to ${most} characters`)
    .meta({ minLength: least, maxLength: most });

/** Text fit for a database: well-formed Unicode without U+0000, which PostgreSQL cannot store. */
export const storableText = (least: number, most: number) =>
  text(least, most).refine(
    (value) => value.isWellFormed() && !value.includes('\0'),
    'must be well-formed text without U+0000',
  );
