import type { ZodObject } from 'zod';
import { readMark } from './setting.ts';
import type { Settings, Source } from './settings.ts';

export type DescribedSettings = Readonly<
  Record<string, { readonly value: unknown; readonly source: Source }>
>;

// A database URL is no secret as a whole, but its password is. An @ in it that is not encoded does not end it.
const withoutPassword = (value: unknown): unknown =>
  typeof value === 'string'
    ? value
        .replace(/^([\w+.-]+:\/\/[^:/@]*):.*@/, '$1:[redacted]@')
        .replaceAll(/([?&][^?=&]*password=)[^&]*/gi, '$1[redacted]')
    : value;

const shown = (value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value) : withoutPassword(value);

/** Each setting with its source, secrets redacted: fit to be shown to an operator. */
export const describeSettings = <Schema extends ZodObject>(
  schema: Schema,
  { values, sources }: Settings<Schema>,
): DescribedSettings =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isSecret = readMark(schema.shape[name]).secret === true;
      return [name, { value: isSecret ? '[redacted]' : shown(value), source: sources[name] ?? 'default' }];
    }),
  );
