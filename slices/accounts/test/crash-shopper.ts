import { z } from 'zod';

/** Sends a request. Resolves with undefined if there is no answer. */
export type Send = (
  method: string,
  path: string,
  json?: object,
  token?: string,
) => Promise<{ readonly status: number; readonly body: unknown } | undefined>;

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });
type Tokens = z.output<typeof tokensSchema>;
const mailsSchema = z.object({ items: z.array(z.object({ token: z.string().nullable() })) });

/** The server is gone: what was sent last may have happened or not. */
class NoAnswer extends Error {}

interface Known {
  stage: 'new' | 'registered' | 'verified';
  password: string;
  /** Sent, and not answered. */
  nextPassword?: string | undefined;
  isVerifying: boolean;
  home?: Tokens | undefined;
  other?: Tokens | undefined;
}

/**
 * A shopper with two sessions, who does one thing at a time and remembers what was acknowledged. What an answer must
 * not be after that goes to `onFault`.
 */
export const createShopper = (email: string, random: () => number, onFault: (fault: string) => void) => {
  const known: Known = { stage: 'new', password: `the first password of ${random()}`, isVerifying: false };

  const client = (send: Send) => {
    const ask = async (...request: Parameters<Send>) => {
      const answer = await send(...request);
      if (!answer) throw new NoAnswer();
      return answer;
    };
    const expect = async (what: string, statuses: readonly number[], ...request: Parameters<Send>) => {
      const answer = await ask(...request);
      if (!statuses.includes(answer.status)) onFault(`${email}, ${what}: ${JSON.stringify(answer)}`);
      return answer;
    };
    const logIn = (password: string) => ask('POST', '/sessions', { email, password });
    const refresh = async (which: 'home' | 'other'): Promise<void> => {
      const json = { refresh_token: known[which]?.refresh_token };
      const { body } = await expect(`refreshing ${which}`, [200], 'POST', '/sessions/refresh', json);
      known[which] = tokensSchema.safeParse(body).data;
    };
    /** The other session ends with a change of the password. */
    const findOtherEnded = async (): Promise<void> => {
      const json = { refresh_token: known.other?.refresh_token };
      known.other = undefined;
      await expect('refreshing an ended session', [401], 'POST', '/sessions/refresh', json);
    };
    const logInAgain = async (which: 'home' | 'other'): Promise<void> => {
      const { status, body } = await logIn(known.password);
      known[which] = tokensSchema.safeParse(body).data;
      if (status !== 200) onFault(`${email}, logging in with the acknowledged password: ${status}`);
    };

    const register = async () => {
      await expect('registering', [202], 'POST', '/accounts', { email, password: known.password });
      known.stage = 'registered';
    };
    const verify = async () => {
      // An acknowledged registration has its mail.
      const { body } = await ask('GET', `/dev/mails?to=${email}`);
      const token = mailsSchema.parse(body).items.find((mail) => mail.token !== null)?.token ?? 'no mail';
      known.isVerifying = true;
      await expect('verifying', [200], 'POST', '/accounts/verify', { token });
      known.isVerifying = false;
      known.stage = 'verified';
    };
    const changePassword = async () => {
      const nextPassword = `a password with ${random()}`;
      known.nextPassword = nextPassword;
      const json = { current_password: known.password, new_password: nextPassword };
      await expect('changing', [204], 'PUT', '/accounts/me/password', json, known.home?.access_token);
      known.password = nextPassword;
      known.nextPassword = undefined;
      await findOtherEnded();
    };

    /** Finds out whether an unanswered change happened: as a whole or not at all. */
    const settlePassword = async (next: string): Promise<void> => {
      const hasHappened = (await logIn(next)).status === 200;
      const [right, wrong] = hasHappened ? [next, known.password] : [known.password, next];
      if ((await logIn(right)).status !== 200) onFault(`${email}: neither password logs in`);
      if ((await logIn(wrong)).status !== 401) onFault(`${email}: both passwords log in`);
      known.password = right;
      known.nextPassword = undefined;
      if (hasHappened) await findOtherEnded();
    };

    const settle = async (): Promise<void> => {
      if (known.isVerifying) {
        const isVerified = (await logIn(known.password)).status === 200;
        known.isVerifying = false;
        if (isVerified) known.stage = 'verified';
      }
      if (known.nextPassword !== undefined) await settlePassword(known.nextPassword);
    };

    const step = async (): Promise<void> => {
      if (known.stage === 'new') await register();
      else if (known.stage === 'registered') await verify();
      else if (!known.home) await logInAgain('home');
      else if (!known.other) await logInAgain('other');
      else if (random() < 0.4) await changePassword();
      else await refresh(random() < 0.5 ? 'home' : 'other');
    };

    return { settle, step };
  };

  const answered = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof NoAnswer) return false;
      throw error;
    }
  };

  return {
    /** Does one thing. Resolves with whether it was answered. */
    step: (send: Send): Promise<boolean> => answered(client(send).step),
    /** After a restart: everything that was acknowledged is true, and what was not happened wholly or not at all. */
    check: (send: Send): Promise<boolean> =>
      answered(async () => {
        const { settle, step } = client(send);
        await settle();
        while (known.stage !== 'verified') await step();
        const { status } = (await send('POST', '/sessions', { email, password: known.password })) ?? {};
        if (status !== 200) onFault(`${email}: the acknowledged password does not log in: ${status}`);
        // A lost answer of a refresh is repeated within the grace.
        for (const which of ['home', 'other'] as const) {
          const refresh_token = known[which]?.refresh_token;
          if (refresh_token === undefined) continue;
          const answer = await send('POST', '/sessions/refresh', { refresh_token });
          if (answer?.status !== 200) onFault(`${email}: ${which} has ended: ${JSON.stringify(answer)}`);
        }
      }),
  };
};

export type Shopper = ReturnType<typeof createShopper>;
