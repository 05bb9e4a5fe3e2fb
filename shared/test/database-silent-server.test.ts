import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase, transact } from '../src/database/index.ts';
import { onDatabase } from '../src/testing/databases.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

/** A relay to a server. Once frozen it passes nothing on, as a network does that has lost its way. */
const openRelay = async (target: { readonly host: string; readonly port: number }) => {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const relay = createServer((client) => {
    const server = createConnection(target);
    const pass = (from: Socket, to: Socket): void => {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.on('data', (bytes) => void (isFrozen || to.write(bytes)));
    };
    pass(client, server);
    pass(server, client);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  const freeze = (): void => {
    isFrozen = true;
  };
  return { port: address.port, freeze };
};

onDatabase('postgres', (engine) => {
  it('waits once for a server that is silent: there is no rollback to wait for as well', async () => {
    const { db, url } = await engine.open<AccountTables>();
    await openAccounts(db);
    const address = new URL(url);
    const relay = await openRelay({ host: address.hostname, port: Number(address.port) });
    address.port = String(relay.port);
    const said: string[] = [];
    const onSlowQuery = ({ sql }: { readonly sql: string }) => void said.push(sql.split(' ', 1).join());
    const far = openDatabase<AccountTables>(address.href, {
      statementTimeoutMs: 50,
      slowQueryMs: 0,
      onSlowQuery,
    });
    const silent = transact(far, async (trx) => {
      await setBalance(trx, 5);
      relay.freeze();
      await setBalance(trx, 6);
    });
    await expect(silent).rejects.toThrow('Query read timeout');
    expect(said).toEqual(['begin', 'update', 'update']);
    await far.destroy();
    expect(await balanceOf(db)).toBe(0);
  }, 30_000);
});
