import fc, { type Arbitrary } from 'fast-check';
import type { z } from 'zod';

export type Schema = z.core.JSONSchema.JSONSchema;

// Values that break code that trusts strings.
const awkward = fc.constantFrom(
  '\u0000',
  '\ud800',
  '\u202e',
  '\u{1f469}\u200d\u{1f680}',
  "'",
  '%s',
  '<b>',
  '\\',
);

// fast-check's own unit of all code points takes a second to build.
const codePoint = fc
  .integer({ min: 0, max: 0x10f7ff })
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));

const text = (schema: Schema): Arbitrary<string> => {
  const bounds = { minLength: schema.minLength ?? 0, maxLength: schema.maxLength ?? 200 };
  const fits = (value: string): boolean => {
    const { length } = Array.from(value);
    return length >= bounds.minLength && length <= bounds.maxLength;
  };
  const ascii = fc.string({ unit: 'grapheme-ascii', ...bounds });
  const spiked = fc.tuple(ascii, awkward).map(([before, odd]) => before.slice(1) + odd);
  return fc.oneof(
    { weight: 6, arbitrary: ascii },
    { weight: 2, arbitrary: fc.string({ unit: codePoint, ...bounds }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', size: 'max', ...bounds }) },
    { weight: 1, arbitrary: spiked.map((value) => (fits(value) ? value : 'x'.repeat(bounds.minLength))) },
  );
};

const time = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

const formats: Readonly<Record<string, Arbitrary<string>>> = {
  uuid: fc.uuid(),
  email: fc.emailAddress(),
  // fast-check's own arbitrary of all URLs takes a second to build.
  uri: fc.stringMatching(/^https:\/\/[a-z]{1,12}\.test\/[a-z0-9/]{0,20}$/),
  'date-time': time.map((date) => date.toISOString()),
  date: time.map((date) => date.toISOString().slice(0, 10)),
};

const string = (schema: Schema): Arbitrary<string> => {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const known = format === undefined ? undefined : formats[format];
  if (pattern === undefined) return known ?? text(schema);
  const matching = known ?? fc.stringMatching(new RegExp(pattern));
  return matching.filter(
    (value) => value.length >= minLength && value.length <= maxLength && new RegExp(pattern).test(value),
  );
};

const boundsOf = (schema: Schema) => {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  return {
    minimum,
    maximum,
    above: isNumber(exclusiveMinimum) ? exclusiveMinimum : undefined,
    below: isNumber(exclusiveMaximum) ? exclusiveMaximum : undefined,
  };
};

const integer = (schema: Schema): Arbitrary<number> => {
  const { minimum, maximum, above, below } = boundsOf(schema);
  const { multipleOf = 1 } = schema;
  const least = minimum ?? (above === undefined ? -(2 ** 31) : above + 1);
  const most = maximum ?? (below === undefined ? 2 ** 31 : below - 1);
  return fc
    .integer({ min: Math.ceil(least / multipleOf), max: Math.floor(most / multipleOf) })
    .map((factor) => factor * multipleOf);
};

const number = (schema: Schema): Arbitrary<number> => {
  const { minimum, maximum, above, below } = boundsOf(schema);
  if (schema.multipleOf !== undefined) return integer(schema);
  return fc.double({
    min: minimum ?? above ?? -1e12,
    max: maximum ?? below ?? 1e12,
    minExcluded: above !== undefined,
    maxExcluded: below !== undefined,
    noNaN: true,
  });
};

/** Values of a schema with a single scalar type; undefined for others. */
export const scalarOf = (schema: Schema): Arbitrary<unknown> | undefined => {
  if (schema.type === 'string') return string(schema);
  if (schema.type === 'integer') return integer(schema);
  if (schema.type === 'number') return number(schema);
  if (schema.type === 'boolean') return fc.boolean();
  return schema.type === 'null' ? fc.constant(null) : undefined;
};
