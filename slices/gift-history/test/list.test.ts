import { createCallers } from '@lab/shared/http';
import { listConformance } from '@lab/testing';
import { NOON_MS, openHistory } from './history-app.ts';

const callers = createCallers({ authTokens: new Map(), adminToken: 'operator', trustUserHeader: true });

listConformance({
  path: '/gifts',
  queries: ['', 'user_id=1', 'status=granted', 'from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z'],
  headers: { 'X-User-Id': '1' },
  // Another shopper may not ask for user 1; an operator may.
  otherHeaders: { 'X-Admin-Token': 'operator' },
  open: async (engine) => {
    const { app, insert, remove } = await openHistory(engine, callers);
    return {
      app,
      remove,
      // Seven gifts share each millisecond, so the id often has to break a tie.
      insert: (index) => insert({ created_at: NOON_MS - Math.floor(index / 7) }),
    };
  },
});
