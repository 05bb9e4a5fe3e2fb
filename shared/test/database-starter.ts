import { openDatabase, transact } from '../src/database/index.ts';
import { launch } from '../src/http/index.ts';

/** Starts like a server does, as far as its database. */
await launch(async () => {
  const db = openDatabase(process.argv[2] ?? '');
  await transact(db, async () => undefined);
});
