import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../postgres.ts';
import { atEnd, temporaryFolder } from './leftovers.ts';

export type Engine = 'sqlite' | 'postgres';

const { engine: only } = process.env;

/** The engines to measure: both, or the one in `engine=` of the command. */
export const engines = (['sqlite', 'postgres'] as const satisfies readonly Engine[]).filter(
  (engine) => only === undefined || only === engine,
);

let starting: Promise<string> | undefined;

const start = async (): Promise<string> => {
  const own = process.env.BENCH_POSTGRES_URL || process.env.TEST_DATABASE_URL;
  if (own) return own;
  const { url, stop } = await startPostgres();
  atEnd(async () => {
    starting = undefined;
    await stop();
  });
  return url;
};

const run = async (url: string, command: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(command);
  } finally {
    await client.end();
  }
};

/**
 * The URL of a new empty database, which is removed at the end: a SQLite file, or a database on the Postgres server of
 * `BENCH_POSTGRES_URL` (whose user must be allowed to create databases) or on one started for the benchmark.
 */
export const createDatabase = async (engine: Engine): Promise<string> => {
  if (engine === 'sqlite') return `sqlite:${join(temporaryFolder(), 'bench.db')}`;
  starting ??= start();
  const server = await starting;
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  atEnd(() => run(server, `drop database ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};
