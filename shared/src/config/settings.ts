import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import type { output, ZodObject } from 'zod';
import { type Environment, environments, readMark } from './setting.ts';

/** Where a value came from: a `.env` file by name, the process, or the default written in the schema. */
export type Source = 'default' | '.env' | '.env.local' | `.env.${Environment}` | 'process';

export interface Settings<Schema extends ZodObject> {
  readonly values: output<Schema>;
  readonly sources: Readonly<Record<string, Source>>;
}

/** All that is wrong with the settings, each with the name and the reason, never the value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings are wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

type Raw = Map<string, { readonly text: string; readonly source: Source }>;

const isEnvironment = (name: string): name is Environment => environments.some((each) => each === name);

const readFile = (directory: string, name: string): NodeJS.ProcessEnv => {
  const path = join(directory, name);
  return existsSync(path) ? parse(readFileSync(path)) : {};
};

/**
 * Later sources win. An empty value counts as absent, as it does in most shells and compose files. `APP_ENV` may come
 * from any of them but the file that it chooses; one that is none chooses no file.
 */
const collect = (directory: string, env: NodeJS.ProcessEnv) => {
  const raw: Raw = new Map();
  const add = (values: NodeJS.ProcessEnv, source: Source): void => {
    for (const [name, text] of Object.entries(values)) if (text) raw.set(name, { text, source });
  };
  for (const file of ['.env', '.env.local'] as const) add(readFile(directory, file), file);
  const name = env.APP_ENV || raw.get('APP_ENV')?.text || 'development';
  const environment = isEnvironment(name) ? name : undefined;
  if (environment) {
    const file = `.env.${environment}` as const;
    add({ ...readFile(directory, file), APP_ENV: undefined }, file);
  }
  add(env, 'process');
  return { raw, environment };
};

const isDevelopmentSecret = (text: string, schema: ZodObject, name: string): boolean => {
  const { secret, defaults = {}, parts = (whole) => [whole] } = readMark(schema.shape[name]);
  const known = new Set(Object.values(defaults).flatMap(parts));
  return secret === true && parts(text).some((part) => known.has(part));
};

/** The text of one setting, or the default that the environment gives it. */
const textOf = (schema: ZodObject, name: string, raw: Raw, environment: Environment): string | undefined =>
  raw.get(name)?.text ?? readMark(schema.shape[name]).defaults?.[environment];

/**
 * Reads settings for one server: defaults, `.env`, `.env.local`, `.env.$APP_ENV`, then the process environment,
 * the later winning. Throws a SettingsError naming all faults at once. In production a secret that is a
 * development default is a fault even when it is given on purpose.
 */
export const loadSettings = <Schema extends ZodObject>(
  schema: Schema,
  { directory = process.cwd(), env = process.env }: { directory?: string; env?: NodeJS.ProcessEnv } = {},
): Settings<Schema> => {
  const { raw, environment: named } = collect(directory, env);
  const environment = named ?? 'development';
  const names = Object.keys(schema.shape);
  const input = Object.fromEntries(names.map((name) => [name, textOf(schema, name, raw, environment)]));

  const result = schema.safeParse({ ...input, APP_ENV: environment });
  const faults = named ? [] : [`APP_ENV: must be one of ${environments.join(', ')}`];
  for (const { path, code, message } of result.error?.issues ?? []) {
    const name = String(path[0]);
    const isMissing = code === 'invalid_type' && input[name] === undefined;
    faults.push(`${name}: ${isMissing ? `is required in ${environment}` : message}`);
  }
  if (environment === 'production') {
    const leaked = names.filter((name) => isDevelopmentSecret(input[name] ?? '', schema, name));
    faults.push(
      ...leaked.map((name) => `${name}: is a development secret, which production does not accept`),
    );
  }
  if (!result.success || faults.length > 0) throw new SettingsError(faults);
  const sources = Object.fromEntries(
    names.map((name) => [name, raw.get(name)?.source ?? 'default'] as const),
  );
  return { values: result.data, sources };
};
