import { startServerProcess } from '@lab/testing';

/** The shipped launcher. */
const SHIPPED = new URL('../src/server.ts', import.meta.url);
/** A launcher of the same routes with a bug, which its argument names. */
export const PLANTED = new URL('planted-server.ts', import.meta.url);

interface Launch {
  readonly launcher?: URL;
  readonly bug?: string;
  /** A command that runs the server, such as a tracer with its options. */
  readonly under?: readonly string[];
}

/** Starts the server in its own process, which is killed after the test at the latest. */
export const startServer = (databaseUrl: string, { launcher = SHIPPED, bug = '', under = [] }: Launch = {}) =>
  startServerProcess(launcher, { env: { DATABASE_URL: databaseUrl }, args: [bug], under });
