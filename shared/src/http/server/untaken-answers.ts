import type { Socket } from 'node:net';

/** Bounds what answers hold until their clients take them: beyond the limit the oldest connections are ended. */
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
