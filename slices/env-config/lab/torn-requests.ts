import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { migrate, openDatabase } from '@lab/shared/database';
import { createLogger, createMetrics } from '@lab/shared/observability';
import express, { type RequestHandler } from 'express';
import { type FlagTables, flagMigrations, startFlags } from '../src/index.ts';
import { isOnInSettings, setFlag } from './naive-flags.ts';

const FLAG = 'welcome_offer';

/** Asks, lets an operator switch the flag, and asks again. */
const asksTwice =
  (ask: () => boolean | Promise<boolean>, change: (isOn: boolean) => unknown): RequestHandler =>
  async (_req, res) => {
    const first = await ask();
    await change(!first);
    res.json((await ask()) === first ? 'whole' : 'torn');
  };

const openFlags = async (resources: AsyncDisposableStack) => {
  const db = openDatabase<FlagTables>('sqlite::memory:');
  resources.defer(() => db.destroy());
  await migrate(db, [flagMigrations]);
  const logger = createLogger({ service: 'break', level: 'warn' });
  const deps = {
    db,
    now: () => new Date(),
    newId: randomUUIDv7,
    logger,
    registry: createMetrics(),
    resources,
  };
  const file = fileURLToPath(new URL('../flags.json', import.meta.url));
  return startFlags(deps, { file, environment: 'test', pollMs: 1000 });
};

/** How many requests of a real server get two answers about one flag. */
export const countTorn = async (requests: number) => {
  await using resources = new AsyncDisposableStack();
  const flags = await openFlags(resources);
  const app = express();
  app.get(
    '/naive',
    asksTwice(
      () => isOnInSettings('sale'),
      (isOn) => setFlag('sale', isOn ? 'on' : 'off'),
    ),
  );
  app.get(
    '/ours',
    flags.perRequest,
    asksTwice(
      () => flags.isOn(FLAG),
      (enabled) => flags.change(FLAG, { enabled }),
    ),
  );
  const server = app.listen(0, '127.0.0.1');
  resources.defer(() => void server.close().closeAllConnections());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const count = async (path: string): Promise<number> => {
    let torn = 0;
    for (let sent = 0; sent < requests; sent += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
      if ((await answer.json()) === 'torn') torn += 1;
    }
    return torn;
  };
  return { naive: await count('naive'), ours: await count('ours') };
};
