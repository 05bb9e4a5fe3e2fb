/** Refreshes one token many times at once, when told to. Sends what came of each attempt. */
import { once } from 'node:events';
import { openDatabase } from '@lab/shared/database';
import type { AccountsTables } from '../src/tables.ts';
import { sessionsOn } from './session-fixture.ts';

const [url = '', token = '', times = '0'] = process.argv.slice(2);
const db = openDatabase<AccountsTables>(url);
const sessions = sessionsOn(db, () => new Date());
// Warms up the connection and the statements.
await sessions.refresh('no token');
await db.selectFrom('account_sessions').select('id').execute();
process.send?.('ready');
await once(process, 'message');
const outcomes = await Promise.all(Array.from({ length: Number(times) }, () => sessions.refresh(token)));
process.send?.(
  outcomes.map((outcome) => ({
    state: outcome.state,
    ...('refreshToken' in outcome && { token: outcome.refreshToken }),
  })),
);
await db.destroy();
process.disconnect();
