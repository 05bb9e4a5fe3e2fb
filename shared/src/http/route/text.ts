import { z } from 'zod';

/**
 * A string of `least` to `most` characters, counted in Unicode code points as in JSON Schema. Zod's own `min` and `max`
 * count UTF-16 code units, in which an emoji has two or more.
 */
export const text = (least: number, most: number) =>
  z
    .string()
    .refine((value) => {
      // A code point has one or two code units, so most texts need not be counted.
      if (value.length < least || value.length > 2 * most) return false;
      if (value.length <= most && least <= 1) return true;
      const { length } = Array.from(value);
      return length >= least && length <= most;
    }, `must have ${least} to ${most} characters`)
    .meta({ minLength: least, maxLength: most });

/** Text that databases can store: well-formed Unicode without U+0000, which PostgreSQL refuses. */
export const storableText = (least: number, most: number) =>
  text(least, most).refine(
    (value) => value.isWellFormed() && !value.includes('\0'),
    'must be well-formed Unicode text without U+0000',
  );
