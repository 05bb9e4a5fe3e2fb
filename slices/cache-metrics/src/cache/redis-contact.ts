import { type Redis, type RedisClient, RedisUnavailableError } from '@lab/shared/redis';
import type { Script } from './redis-scripts.ts';

const evaluate = async (client: RedisClient, { text, sha1 }: Script, keys: string[], values: string[]) => {
  const options = { keys, arguments: values };
  try {
    return await client.evalSha(sha1, options);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(text, options);
    throw error;
  }
};

/**
 * The contact of this process with Redis, and its breaks: a lost connection, an answer that did not come, an error. In a
 * break, invalidations of this and of other processes may have failed, so what Redis had before is not to be believed.
 */
export const createRedisContact = (redis: Redis, onError: (error: unknown) => void) => {
  let breaks = 0;
  // By Redis's clock; undefined until it is asked after a break.
  let believedFromMs: number | undefined = 0;
  let wasReady = redis.isReady;

  const noteBreak = (): void => {
    breaks += 1;
    believedFromMs = undefined;
  };
  redis.client.on('ready', () => {
    if (wasReady) noteBreak();
    wasReady = true;
  });

  const ask = async <Answer>(commands: (client: RedisClient) => Promise<Answer>) => {
    try {
      return { answer: await redis.run(commands) };
    } catch (error) {
      noteBreak();
      if (!(error instanceof RedisUnavailableError)) onError(error);
      return undefined;
    }
  };

  return {
    /** Counts the breaks, so that a user can tell whether there was one in between. */
    get breaks(): number {
      return breaks;
    },

    /** Runs a script. Resolves with undefined if Redis did not answer. */
    run: (script: Script, keys: string[], values: string[]) =>
      ask((client) => evaluate(client, script, keys, values)),

    /** Since when, in milliseconds by Redis's clock, its values are believed; undefined if it did not answer. */
    believedFrom: async (): Promise<number | undefined> => {
      if (believedFromMs !== undefined) return believedFromMs;
      const breaksBefore = breaks;
      const asked = await ask((client) => client.time());
      if (asked === undefined || breaks !== breaksBefore) return undefined;
      const [seconds, microseconds] = asked.answer;
      // The current millisecond may have begun before the break ended.
      believedFromMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) + 1;
      return believedFromMs;
    },
  };
};
