import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import type { output, ZodObject, z } from 'zod';
import { isLoopback } from './host.ts';
import { secretFault } from './secret-fault.ts';
import { type Environment, environments, type Place, readMark } from './setting.ts';
import { StartError } from './start-error.ts';

/** Where a value came from: a `.env` file, the process environment, or the schema's default. */
export type Source = 'default' | '.env' | '.env.local' | `.env.${Environment}` | 'process';

export interface Settings<Schema extends ZodObject> {
  readonly values: output<Schema>;
  readonly sources: Readonly<Record<string, Source>>;
}

/** All faults of the settings, each with the name and the reason, never the value. */
export class SettingsError extends StartError {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings are not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

type Raw = Map<string, { readonly text: string; readonly source: Source }>;

const isEnvironment = (name: string): name is Environment => environments.some((each) => each === name);

/** Reads a `.env` file. One that is there and cannot be read is a fault: its settings would silently be missing. */
const readFile = (directory: string, name: string, faults: string[]): NodeJS.ProcessEnv => {
  const path = join(directory, name);
  try {
    return existsSync(path) ? parse(readFileSync(path)) : {};
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    faults.push(`${name}: cannot be read (${code})`);
    return {};
  }
};

/**
 * Later sources win. An empty value counts as absent, as it does in most shells and compose files. `APP_ENV` may come
 * from any source except the file that it selects. An unknown `APP_ENV` selects no file. If it is not set, `NODE_ENV`
 * is used: hosting platforms set that to production, where a server must be no less careful than Express.
 */
const collect = (directory: string, env: NodeJS.ProcessEnv) => {
  const raw: Raw = new Map();
  const faults: string[] = [];
  const add = (values: NodeJS.ProcessEnv, source: Source): void => {
    for (const [name, text] of Object.entries(values)) if (text) raw.set(name, { text, source });
  };
  for (const file of ['.env', '.env.local'] as const) add(readFile(directory, file, faults), file);
  const find = (name: string) => {
    const text = env[name];
    return text ? { text, source: 'process' as const } : raw.get(name);
  };
  const name = find('APP_ENV') ? 'APP_ENV' : 'NODE_ENV';
  const chosen = find(name) ?? { text: 'development', source: 'default' as const };
  const environment = isEnvironment(chosen.text) ? chosen.text : undefined;
  if (environment) add(readFile(directory, `.env.${environment}`, faults), `.env.${environment}`);
  else faults.push(`${name}: must be one of ${environments.join(', ')}`);
  add(env, 'process');
  raw.set('APP_ENV', chosen);
  return { raw, environment, faults };
};

const isExposed = (schema: ZodObject, raw: Raw): boolean => {
  const host = schema.shape.HOST?.safeParse(raw.get('HOST')?.text).data;
  return typeof host === 'string' && !isLoopback(host);
};

/** The text of one setting, or its default in this place. */
const textOf = (schema: ZodObject, name: string, raw: Raw, place: Place): string | undefined => {
  const { defaults, exposedDefault } = readMark(schema.shape[name]);
  const atPlace = place.isExposed ? exposedDefault : undefined;
  return raw.get(name)?.text ?? atPlace ?? defaults?.[place.environment];
};

type Input = Readonly<Record<string, string | undefined>>;

const secretFaults = (schema: ZodObject, input: Input, place: Place): ReadonlyMap<string, string> => {
  const faults = Object.entries(input).flatMap(([name, text]) => {
    const fault = text === undefined ? undefined : secretFault(text, readMark(schema.shape[name]), place);
    return fault === undefined ? [] : [[name, fault] as const];
  });
  return new Map(faults);
};

/** Each as `NAME: reason`. */
const describeFaults = (
  issues: readonly z.core.$ZodIssue[],
  weakSecrets: ReadonlyMap<string, string>,
  { input, place }: { readonly input: Input; readonly place: Place },
): readonly string[] => {
  const faults: string[] = [];
  for (const { path, code, message } of issues) {
    const name = String(path[0]);
    const isMissing = code === 'invalid_type' && input[name] === undefined;
    // A secret that is too short in two ways is reported once, with the greater length.
    if (code === 'too_small' && weakSecrets.has(name)) continue;
    faults.push(`${name}: ${isMissing ? `is required in ${place.environment}` : message}`);
  }
  return [...faults, ...[...weakSecrets].map(([name, fault]) => `${name}: ${fault}`)];
};

/**
 * Reads the settings of one server: defaults, `.env`, `.env.local`, `.env.$APP_ENV`, then the process environment;
 * later sources win. Throws a SettingsError with all faults at once. In production, or if other machines can reach the
 * server, a development secret is a fault even if it was set on purpose.
 */
export const loadSettings = <Schema extends ZodObject>(
  schema: Schema,
  { directory = process.cwd(), env = process.env }: { directory?: string; env?: NodeJS.ProcessEnv } = {},
): Settings<Schema> => {
  const { raw, environment, faults: found } = collect(directory, env);
  const place = { environment: environment ?? 'development', isExposed: isExposed(schema, raw) };
  const names = Object.keys(schema.shape);
  const input = Object.fromEntries(names.map((name) => [name, textOf(schema, name, raw, place)]));

  const result = schema.safeParse({ ...input, APP_ENV: place.environment });
  const faults = [
    ...found,
    ...describeFaults(result.error?.issues ?? [], secretFaults(schema, input, place), { input, place }),
  ];
  if (!result.success || faults.length > 0) throw new SettingsError(faults);
  const sources = Object.fromEntries(
    names.map((name) => [name, raw.get(name)?.source ?? 'default'] as const),
  );
  return { values: result.data, sources };
};
