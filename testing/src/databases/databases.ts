import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseOptions, type Engine, openDatabase } from '@lab/shared/database';
import type { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { createPostgresPool, type FreshDatabase } from './postgres-databases.ts';

const SERVER_START_MS = 60_000;
/** A test may have opened hundreds of databases. */
const CLEAN_UP_MS = 300_000;

export interface TestDatabase<Tables> {
  readonly db: Kysely<Tables>;
  /** For a second connection or a second process. */
  readonly url: string;
}

/** The engine that a suite runs on. Its databases are closed and deleted automatically. */
export interface DatabaseEngine {
  readonly name: Engine;
  /** A new empty database for one test. For tests and `beforeEach`. */
  readonly open: <Tables>(options?: DatabaseOptions) => Promise<TestDatabase<Tables>>;
  /** A new empty database for all tests of the suite. For `beforeAll`. */
  readonly openForSuite: <Tables>(options?: DatabaseOptions) => Promise<TestDatabase<Tables>>;
}

const createSqliteFile = async (): Promise<FreshDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-sqlite-'));
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** Opens databases, and remembers them to close and remove them later. */
const createOpener = (create: () => Promise<FreshDatabase>) => {
  const closers: (() => Promise<unknown>)[] = [];
  return {
    open: async <Tables>(options?: DatabaseOptions): Promise<TestDatabase<Tables>> => {
      const { url, remove } = await create();
      closers.push(remove);
      const db = openDatabase<Tables>(url, options);
      closers.push(() => db.destroy());
      return { db, url };
    },
    closeAll: async (): Promise<void> => {
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
    },
  };
};

/** Runs a suite on one engine, for SQL that is specific to it: query plans, catalog views. */
export const onDatabase = (name: Engine, suite: (engine: DatabaseEngine) => void): void => {
  describe(`on ${name}`, () => {
    const postgres = createPostgresPool();
    const create = name === 'sqlite' ? createSqliteFile : postgres.take;
    const ofTest = createOpener(create);
    const ofSuite = createOpener(create);
    if (name === 'postgres') beforeAll(postgres.warmUp, SERVER_START_MS);
    afterEach(ofTest.closeAll, CLEAN_UP_MS);
    afterAll(async () => {
      await ofSuite.closeAll();
      await postgres.dropAll();
    }, CLEAN_UP_MS);
    suite({ name, open: ofTest.open, openForSuite: ofSuite.open });
  });
};

/**
 * Runs a suite twice: on a SQLite file and on a real Postgres. Postgres is the one of `TEST_DATABASE_URL`, whose user
 * must be allowed to create databases, or one that the test run starts. If Postgres cannot start, the suite fails and
 * says why; it is never skipped.
 */
export const eachDatabase = (suite: (engine: DatabaseEngine) => void): void => {
  onDatabase('sqlite', suite);
  onDatabase('postgres', suite);
};
