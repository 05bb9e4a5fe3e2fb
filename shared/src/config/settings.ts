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

const readEnvironment = (env: NodeJS.ProcessEnv): Environment => {
  const name = env.APP_ENV || 'development';
  if (isEnvironment(name)) return name;
  throw new SettingsError([`APP_ENV: must be one of ${environments.join(', ')}`]);
};

/** Later sources win. An empty value counts as absent, as it does in most shells and compose files. */
const collect = (directory: string, env: NodeJS.ProcessEnv, environment: Environment): Raw => {
  const raw: Raw = new Map();
  const add = (values: NodeJS.ProcessEnv, source: Source): void => {
    for (const [name, text] of Object.entries(values)) if (text) raw.set(name, { text, source });
  };
  for (const file of ['.env', '.env.local', `.env.${environment}`] as const) {
    const path = join(directory, file);
    if (existsSync(path)) add(parse(readFileSync(path)), file);
  }
  add(env, 'process');
  return raw;
};

const isDevelopmentSecret = (text: string, schema: ZodObject, name: string): boolean => {
  const { secret, defaults } = readMark(schema.shape[name]);
  return secret === true && Object.values(defaults ?? {}).includes(text);
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
  const environment = readEnvironment(env);
  const raw = collect(directory, env, environment);
  const names = Object.keys(schema.shape);
  const input = Object.fromEntries(names.map((name) => [name, textOf(schema, name, raw, environment)]));

  const result = schema.safeParse({ ...input, APP_ENV: environment });
  const faults = (result.error?.issues ?? []).map(({ path: [name], code, message }) =>
    code === 'invalid_type' && input[String(name)] === undefined
      ? `${String(name)}: is required in ${environment}`
      : `${String(name)}: ${message}`,
  );
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
