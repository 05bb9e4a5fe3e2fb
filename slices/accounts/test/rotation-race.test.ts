import { eachDatabase, raceProcesses } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { OWNER, openOwner, sessionsOn } from './session-fixture.ts';

const RACER = new URL('refresh-racer.ts', import.meta.url);
const ROUNDS = process.env.FULL_PROOF ? 20 : 2;

const reports = z.array(z.array(z.object({ state: z.string(), token: z.string().optional() })));

eachDatabase((engine) => {
  const race = async () => {
    const { db, url, generationOf } = await openOwner(engine);
    const sessions = sessionsOn(db, () => new Date());
    return { sessions, url, generationOf };
  };

  it('200 refreshes of one token from two processes move the session one generation on', {
    timeout: 120_000,
  }, async () => {
    const { sessions, url, generationOf } = await race();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { session, refreshToken } = await sessions.begin(OWNER, null);
      const racer = [url, refreshToken, '100'];
      const outcomes = reports.parse(await raceProcesses(RACER, [racer, racer])).flat();
      expect(outcomes).toHaveLength(200);
      expect(outcomes.filter(({ state }) => state === 'rotated')).toHaveLength(1);
      expect(outcomes.filter(({ state }) => state === 'replayed')).toHaveLength(199);
      expect(new Set(outcomes.map(({ token }) => token)).size).toBe(1);
      expect(await generationOf(session.id)).toBe(1);
      expect(await sessions.refresh(outcomes[0]?.token ?? '')).toMatchObject({ state: 'rotated' });
    }
  });

  it('200 uses of an old token from two processes end the session once, and nobody gets in', {
    timeout: 120_000,
  }, async () => {
    const { sessions, url } = await race();
    const { refreshToken: oldest } = await sessions.begin(OWNER, null);
    let live = oldest;
    for (let step = 0; step < 2; step += 1) {
      const outcome = await sessions.refresh(live);
      live = 'refreshToken' in outcome ? outcome.refreshToken : '';
    }
    const racer = [url, oldest, '100'];
    const outcomes = reports.parse(await raceProcesses(RACER, [racer, racer])).flat();
    expect(outcomes.every(({ state }) => state === 'reused' || state === 'invalid')).toBe(true);
    expect(outcomes.some(({ state }) => state === 'reused')).toBe(true);
    expect(await sessions.refresh(live)).toEqual({ state: 'invalid' });
  });
});
