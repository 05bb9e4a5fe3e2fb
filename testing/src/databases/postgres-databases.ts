import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A URL whose content is the URL of the Postgres server. */
    readonly postgresOffer: string;
  }
}

/** An empty database, and how to remove it. */
export interface FreshDatabase {
  readonly url: string;
  readonly remove: () => Promise<void>;
}

const serverUrl = async (): Promise<string> => {
  const own = process.env.TEST_DATABASE_URL;
  if (own !== undefined && own !== '') return own;
  const offer = inject('postgresOffer');
  if (offer === undefined) throw new Error('vitest.config.ts must name postgres-setup.ts as its globalSetup');
  const response = await fetch(offer);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
};

const run = async (url: string, ...commands: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const command of commands) await client.query(command);
  } finally {
    await client.end();
  }
};

const END_OTHERS = `select pg_terminate_backend(pid, 5000) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

/**
 * The databases of one suite. After a test, its database is emptied and reused: that takes a few milliseconds, while
 * CREATE DATABASE with fsync takes hundreds. Connections left over, for example by a killed process, are closed.
 */
export const createPostgresPool = () => {
  const idle: string[] = [];

  const create = async (): Promise<string> => {
    const url = new URL(await serverUrl());
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await run(url.href, `create database ${name}`);
    url.pathname = `/${name}`;
    return url.href;
  };

  const drop = async (url: string): Promise<void> =>
    run(await serverUrl(), `drop database ${new URL(url).pathname.slice(1)} with (force)`);

  return {
    /** Creates the first database and so starts the server, which may take longer than a test's timeout. */
    warmUp: async (): Promise<void> => {
      idle.push(await create());
    },
    take: async (): Promise<FreshDatabase> => {
      const url = idle.pop() ?? (await create());
      const remove = async (): Promise<void> => {
        await run(url, END_OTHERS, 'drop schema public cascade', 'create schema public');
        idle.push(url);
      };
      return { url, remove };
    },
    dropAll: async (): Promise<void> => {
      for (let url = idle.pop(); url !== undefined; url = idle.pop()) await drop(url);
    },
  };
};
