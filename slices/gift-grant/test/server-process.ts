import { startServerProcess } from '@lab/testing';

/** The launcher as it is shipped. */
const SHIPPED = new URL('../src/server.ts', import.meta.url);
/** A launcher of the same routes with a bug; its name comes as an argument. */
export const PLANTED = new URL('planted-server.ts', import.meta.url);

interface Launch {
  readonly launcher?: URL;
  readonly bug?: string;
  /** A command that runs the server, such as a tracer with its options. */
  readonly under?: readonly string[];
}

/** The server in a process of its own; it is killed after the test at the latest. */
export const startServer = (databaseUrl: string, { launcher = SHIPPED, bug = '', under = [] }: Launch = {}) =>
  startServerProcess(launcher, { env: { DATABASE_URL: databaseUrl }, args: [bug], under });
