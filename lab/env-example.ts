import type { ZodObject, ZodType } from 'zod';
import { readMark } from '../shared/src/config/setting.ts';

/** A default as it is written in the environment. */
const asText = (value: unknown): string => (value === undefined || Array.isArray(value) ? '' : String(value));

const defaultsOf = (schema: ZodType): { readonly development: string; readonly production: string } => {
  const { defaults } = readMark(schema);
  const own = schema.safeParse(undefined);
  const plain = own.success ? asText(own.data) : '';
  return { development: defaults?.development ?? plain, production: defaults?.production ?? plain };
};

const remarkOn = (schema: ZodType): string => {
  const { development, production } = defaultsOf(schema);
  if (readMark(schema).secret)
    return development === '' ? ' Secret.' : ' Secret: required in production, where this one is refused.';
  return production === development ? '' : ` In production the default is ${production}.`;
};

const LINE_CHARS = 118;

const wrapped = (text: string): string => {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE_CHARS) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
};

const entryOf = (name: string, schema: ZodType): string => {
  const about = `${schema.description ?? ''}${remarkOn(schema)}`.trim();
  return `${about === '' ? '' : wrapped(about)}#${name}=${defaultsOf(schema).development}\n`;
};

/** The `.env.example` of a server: each setting with its description and default, as a comment. */
export const envExampleOf = (id: string, schema: ZodObject): string =>
  [
    `# The settings of ${id}, with their defaults. Copy lines to .env.local, or set them in the environment.\n`,
    ...Object.entries(schema.shape).map(([name, each]) => entryOf(name, each)),
  ].join('\n');
