import type { Socket } from 'node:net';

/** Limits the memory of unread responses. Beyond the limit, the connections with the oldest ones are closed. */
export const createUntaken = (limitBytes: number) => {
  const bytesOf = new Map<Socket, number>();
  let total = 0;
  const forget = (socket: Socket): void => {
    total -= bytesOf.get(socket) ?? 0;
    bytesOf.delete(socket);
  };
  return {
    add: (socket: Socket): void => {
      forget(socket);
      bytesOf.set(socket, socket.writableLength);
      total += socket.writableLength;
      for (const [oldest] of bytesOf) {
        if (total <= limitBytes) break;
        forget(oldest);
        oldest.destroy();
      }
    },
    forget,
  };
};
