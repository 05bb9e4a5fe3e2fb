import { once } from 'node:events';
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
  /** The setting that selects the port. */
  readonly setting: string;
}

const listenFault = ({ host, port, setting }: Place, code: string | undefined): string => {
  const reason = listenReasons[code ?? ''];
  if (reason !== undefined) return `Port ${port} on ${host} ${reason} ${setting}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `HOST ${host} is not an address of this machine; choose another.`;
  return `Cannot listen on port ${port} of ${host} (${code}).`;
};

/** Resolves with the port once the server listens. Rejects with a StartError if it cannot use the port. */
export const listen = async (server: Server, place: Place): Promise<number> => {
  server.listen(place.port, place.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(listenFault(place, error.code));
  });
  return (server.address() as AddressInfo).port;
};

// Process managers and terminals may send one signal twice: to the process group and to the child.
const echoMs = 1000;

// Closing a resource may hang, for example a pool whose database server is gone.
const closeWithinMs = 1000;

/** Whether everything was closed in time and without an error. */
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

/** Flushes the log before the exit, because otherwise lines would be lost or out of order. */
const exitFlushed = (logger: Logger, code: number): void => {
  const exit = (): never => process.exit(code);
  setTimeout(exit, closeWithinMs);
  logger.flush(exit);
};

/**
 * On SIGTERM, SIGINT or SIGHUP, drains, closes and exits: with 0 if all requests were answered and everything was
 * closed, else with 1. A second signal within one second counts as the same signal; a later one ends the process at
 * once.
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
