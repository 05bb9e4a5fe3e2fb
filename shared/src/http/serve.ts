import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from './app.ts';
import { createShutdown } from './graceful-shutdown.ts';
import { createHttpServer } from './http-server.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  /** How long requests under way may take to finish after a signal. */
  readonly shutdownTimeoutMs: number;
  /** Named in the start-up line. */
  readonly details?: Readonly<Record<string, string>>;
  /** Closes what the app uses, once its last request is answered. */
  readonly close?: () => Promise<unknown>;
}

/** A failure that one line explains; `launch` prints it without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; stop what uses it, or choose another with PORT',
  EACCES: 'needs privileges that this process does not have; choose one above 1023 with PORT',
  EADDRNOTAVAIL: 'is at an address that this machine does not have; choose another with HOST',
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason = listenReasons[error.code ?? ''] ?? `cannot be listened on (${error.code})`;
      reject(new StartError(`Port ${port} on ${host} ${reason}.`));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });

// Process managers and terminals pass one signal twice: to the group and to the child.
const echoMs = 1000;

// What the app uses may hang when it is closed, a pool whose server is gone for one.
const closeWithinMs = 1000;

/** Whether all was closed, in time and without an error. */
const closeAll = async (app: App, close: ServeOptions['close']): Promise<boolean> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not closed within ${closeWithinMs} ms`)), closeWithinMs);
  try {
    await Promise.race([close?.(), promise]);
    return true;
  } catch (error) {
    app.logger.error({ err: error }, 'closing failed');
    return false;
  } finally {
    clearTimeout(timer);
  }
};

/** Waits for the log: at the exit itself the last lines would overtake those still on their way. */
const exitFlushed = (app: App, code: number): void => {
  const exit = (): never => process.exit(code);
  setTimeout(exit, closeWithinMs);
  app.logger.flush(exit);
};

/**
 * Listens until SIGTERM or SIGINT, then drains, closes and exits: 0 when all requests were answered and all was closed,
 * 1 when the deadline cut some off. A second signal within a second of the first is taken for the same; a later one ends
 * the process at once. Throws a StartError where the port cannot be had.
 */
export const serve = async (app: App, options: ServeOptions): Promise<void> => {
  const { host, port, publicUrl, shutdownTimeoutMs, details, close } = options;
  const server = createHttpServer(app.express, publicUrl, app.messages);
  const shutdown = createShutdown(server, app.health, shutdownTimeoutMs);
  await listen(server, host, port);
  let signalledAtMs: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    if (signalledAtMs !== undefined) {
      if (performance.now() - signalledAtMs > echoMs) process.exit(1);
      return;
    }
    signalledAtMs = performance.now();
    app.logger.info({ signal }, 'draining');
    const outcome = await shutdown();
    const isClosed = await closeAll(app, close);
    app.logger.info({ outcome }, 'stopped');
    exitFlushed(app, outcome === 'clean' && isClosed ? 0 : 1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

  // Behind the handlers: who reads this line may signal at once.
  const { port: boundPort } = server.address() as AddressInfo;
  app.logger.info({ url: `http://${host}:${boundPort}`, node: process.version, ...details }, 'listening');
};
