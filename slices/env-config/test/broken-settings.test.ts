import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadSettings, SettingsError } from '@lab/shared/config';
import { createSeededRandom } from '@lab/testing';
import { expect, onTestFinished, test } from 'vitest';
import { envConfigSettings } from '../src/index.ts';
import { type BrokenEnvironment, brokenEnvironments } from './broken-environments.ts';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));
// The full proof starts a server in every one of them. Their settings are read in every run.
const random = createSeededRandom(20_261_128);
const chosen =
  process.env.FULL_PROOF === '1'
    ? brokenEnvironments
    : brokenEnvironments
        .map((each) => ({ each, at: random() }))
        .toSorted((a, b) => a.at - b.at)
        .slice(0, 5)
        .map(({ each }) => each);

/** A folder with these files, and the environment of a server that starts there. */
const prepare = ({ env = {}, files = {} }: BrokenEnvironment) => {
  const cwd = mkdtempSync(join(tmpdir(), 'lab-settings-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) mkdirSync(join(cwd, name));
    else writeFileSync(join(cwd, name), content);
  }
  return { cwd, env: { APP_ENV: 'test', DATABASE_URL: 'sqlite::memory:', ...env } };
};

/** Starts a server in a process of its own; resolves when it has ended. */
const start = async (environment: BrokenEnvironment) => {
  const { cwd, env } = prepare(environment);
  const child = spawn(process.execPath, [SERVER], {
    cwd,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(tmpdir(), 'lab-compile-cache'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { output, errors, code: code as unknown };
};

/** What must not be printed: all that was given, but for words that a reason needs. */
const valuesOf = ({ env = {}, files = {} }: BrokenEnvironment): readonly string[] =>
  [...Object.values(env), ...Object.values(files).flatMap((content) => content?.split(/[=\n]/) ?? [])]
    .filter((value) => value !== undefined)
    .filter((value) => value.length > 4 && !['production', 'APP_ENV', '0.0.0.0'].includes(value))
    .filter((value) => !/^[A-Z_]+$/.test(value));

test.each(chosen)(
  'with %j a server ends with code 1, names every fault, and prints no value',
  { timeout: 60_000 },
  async (environment) => {
    const { output, errors, code } = await start(environment);
    expect(code).toBe(1);
    expect([...errors.matchAll(/^ {2}- ([^:]+): /gm)].map(([, name]) => name).toSorted()).toEqual(
      [...environment.faults].toSorted(),
    );
    for (const value of valuesOf(environment)) expect(output + errors).not.toContain(value);
  },
);

test('each of fifty broken environments names every fault at once, and no value', () => {
  expect(brokenEnvironments.length).toBeGreaterThanOrEqual(50);
  // The file of flags is only read by a server that starts.
  for (const environment of brokenEnvironments.filter(({ faults }) => !faults.includes('FLAGS_FILE'))) {
    const { cwd: directory, env } = prepare(environment);
    const read = () => loadSettings(envConfigSettings, { directory, env });
    expect(read, JSON.stringify(environment)).toThrow(SettingsError);
    try {
      read();
    } catch (error) {
      const { faults } = error as SettingsError;
      expect(faults.map((fault) => fault.split(':', 1)[0]).toSorted()).toEqual(environment.faults.toSorted());
      for (const value of valuesOf(environment)) expect(faults.join()).not.toContain(value);
    }
  }
});
