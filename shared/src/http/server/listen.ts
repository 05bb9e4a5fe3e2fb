import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { StartError } from '#src/config/start-error.ts';
import type { Shutdown } from './graceful-shutdown.ts';

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; stop what uses it, or choose another with',
  EACCES: 'needs privileges that this process does not have; choose one above 1023 with',
};

interface Place {
  readonly host: string;
  readonly port: number;
  /** The setting that chooses the port. */
  readonly setting: string;
}

const listenFault = ({ host, port, setting }: Place, code: string | undefined): string => {
  const reason = listenReasons[code ?? ''];
  if (reason !== undefined) return `Port ${port} on ${host} ${reason} ${setting}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `HOST ${host} is no address of this machine; choose another.`;
  return `Port ${port} on ${host} cannot be listened on (${code}).`;
};

/** Resolves with the port once the server listens. Rejects with a StartError where it cannot have the port. */
export const listen = (server: Server, place: Place): Promise<number> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(new StartError(listenFault(place, error.code)));
    server.once('error', fail);
    server.listen(place.port, place.host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });

// Process managers and terminals pass one signal twice: to the group and to the child.
const echoMs = 1000;

// What the app uses may hang when it is closed, a pool whose server is gone for one.
const closeWithinMs = 1000;

/** Whether all was closed, in time and without an error. */
const closeAll = async (resources: AsyncDisposableStack, logger: Logger): Promise<boolean> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not closed within ${closeWithinMs} ms`)), closeWithinMs);
  try {
    await Promise.race([resources.disposeAsync(), promise]);
    return true;
  } catch (error) {
    logger.error({ err: error }, 'closing failed');
    return false;
  } finally {
    clearTimeout(timer);
  }
};

/** Waits for the log: at the exit itself the last lines would overtake those still on their way. */
const exitFlushed = (logger: Logger, code: number): void => {
  const exit = (): never => process.exit(code);
  setTimeout(exit, closeWithinMs);
  logger.flush(exit);
};

/**
 * On SIGTERM, SIGINT or SIGHUP drains, closes and exits: 0 when all requests were answered and all was closed, 1 when
 * the deadline cut some off. A second signal within a second of the first is taken for the same; a later one ends the
 * process at once.
 */
export const stopOnSignals = (
  shutdown: Shutdown,
  { resources, logger }: { readonly resources: AsyncDisposableStack; readonly logger: Logger },
): void => {
  let signalledAtMs: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    if (signalledAtMs !== undefined) {
      if (performance.now() - signalledAtMs > echoMs) process.exit(1);
      return;
    }
    signalledAtMs = performance.now();
    logger.info({ signal }, 'draining');
    const outcome = await shutdown();
    const isClosed = await closeAll(resources, logger);
    logger.info({ outcome }, 'stopped');
    exitFlushed(logger, outcome === 'clean' && isClosed ? 0 : 1);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
};
