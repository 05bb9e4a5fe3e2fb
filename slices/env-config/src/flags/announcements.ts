import type { Redis } from '@lab/shared/redis';

export interface Announcements extends AsyncDisposable {
  /** Tells the other processes that a flag has changed. Never rejects: they find out by themselves, only later. */
  readonly announce: () => Promise<void>;
}

export interface AnnouncementOptions {
  readonly channel: string;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

/** Redis pub/sub, which spares the others the wait for their next refresh. A message may be lost or come twice. */
export const openAnnouncements = (
  redis: Redis,
  { channel, onChange, onError }: AnnouncementOptions,
): Announcements => {
  // A connection that listens can send nothing else.
  const listener = redis.client.duplicate();
  // The connection of `redis` reports the same loss.
  listener.on('error', () => undefined);
  listener.once('ready', () => void listener.subscribe(channel, onChange).catch(onError));
  listener.connect().catch(() => undefined);
  return {
    announce: async () => {
      await redis.run((client) => client.publish(channel, '')).catch(onError);
    },
    [Symbol.asyncDispose]: async () => listener.destroy(),
  };
};
