import type { ZodObject } from 'zod';
import { readMark } from './setting.ts';
import type { Settings } from './settings.ts';

// Of a database URL only the password is secret. It may contain an unencoded `@`.
const withoutPassword = (value: unknown): unknown =>
  typeof value === 'string'
    ? value
        .replace(/^([\w+.-]+:\/\/[^:/@]*):.*@/, '$1:[redacted]@')
        .replaceAll(/([?&][^?=&]*password=)[^&]*/gi, '$1[redacted]')
    : value;

const shown = (value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value) : withoutPassword(value);

/**
 * Each setting with its source, and with secrets redacted so that operators can see the result. One that is not set is
 * null.
 */
export const describeSettings = <Schema extends ZodObject>(
  schema: Schema,
  { values, sources }: Settings<Schema>,
) =>
  Object.fromEntries(
    Object.keys(schema.shape).map((name) => {
      const value: unknown = Reflect.get(values, name) ?? null;
      const isSecret = value !== null && readMark(schema.shape[name]).secret === true;
      return [name, { value: isSecret ? '[redacted]' : shown(value), source: sources[name] ?? 'default' }];
    }),
  );
