/**
 * Problem: a refresh token is worth weeks of access. If it works more than once, a stolen copy is never noticed. If it
 * works only once, two tabs or a lost answer log the shopper out.
 * The idea: a session counts its refreshes. The token of generation g moves it to g + 1 in one conditional update, so
 * one of many attempts wins, on any number of processes. Within a short grace the token just replaced is answered with
 * the same successor again. Any older token proves that two parties hold tokens, and ends the session.
 * Refresh tokens are derived by an HMAC from session and generation, and not stored, not even as hashes: the answer in
 * the grace must repeat the successor, which a hash could not give back, and a copy of the sessions holds no token.
 * Guarantees: at any time one generation of a session is live, whatever is sent at once; a reused token ends the
 * session, and that end is committed before the refusal is sent; use does not extend the expiry.
 * Is NOT get-then-set (two attempts read generation g, and both hand out a successor), nor a revocation in the
 * transaction that the refusal rolls back.
 * Does NOT guarantee: that a thief who refreshes within the grace is noticed at once (both then hold the same token, and
 * the second of them to use it after the grace ends the session); safety of tokens if the HMAC secret leaks.
 */
import type { RefreshTokens } from './refresh-tokens.ts';
import type { EndReason, Session, SessionStore } from './session-store.ts';

export interface SessionOptions {
  /** Life of a session from log in to the end, however often it is refreshed, in milliseconds. */
  readonly ttlMs: number;
  /** How long the token just replaced is answered with its successor, in milliseconds. */
  readonly graceMs: number;
}

export interface SessionDeps {
  readonly store: Pick<SessionStore, 'insert' | 'advance' | 'find' | 'end'>;
  readonly tokens: RefreshTokens;
  readonly now: () => Date;
  /** Ids of sessions: UUIDs. */
  readonly newId: () => string;
}

export interface BegunSession {
  readonly session: Session;
  readonly refreshToken: string;
}

/**
 * `rotated`: this attempt moved the session on. `replayed`: another one did, within the grace, and the token is the one
 * it got. `reused`: the token was replaced longer ago, and the session has ended.
 */
export type RefreshOutcome =
  | ({ readonly state: 'rotated' | 'replayed' } & BegunSession)
  | { readonly state: 'reused'; readonly session: Session }
  | { readonly state: 'invalid' };

/** Sessions with rotating refresh tokens (RFC 9700, section 4.14.2). */
export const createSessions = (
  { store, tokens, now, newId }: SessionDeps,
  { ttlMs, graceMs }: SessionOptions,
) => {
  const tokenOf = ({ id, generation }: Session): string => tokens.derive({ sessionId: id, generation });

  return {
    /** Begins a session. Create it on the transaction that has checked the password. */
    begin: async (accountId: number, userAgent: string | null): Promise<BegunSession> => {
      const nowMs = now().getTime();
      const session: Session = {
        id: newId(),
        accountId,
        userAgent,
        generation: 0,
        rotatedAtMs: nowMs,
        createdAtMs: nowMs,
        lastUsedAtMs: nowMs,
        expiresAtMs: nowMs + ttlMs,
        endedAtMs: null,
      };
      await store.insert(session);
      return { session, refreshToken: tokenOf(session) };
    },

    /**
     * Exchanges a refresh token for its successor. Throws only if the database fails: what it did is to be committed,
     * also where the outcome is a refusal.
     */
    refresh: async (refreshToken: string): Promise<RefreshOutcome> => {
      const claim = tokens.open(refreshToken);
      if (claim === undefined) return { state: 'invalid' };
      const { sessionId, generation } = claim;
      const nowMs = now().getTime();

      const advanced = await store.advance(sessionId, generation, nowMs);
      if (advanced) return { state: 'rotated', session: advanced, refreshToken: tokenOf(advanced) };

      // Somebody else has moved the session on, or there is none: generations only grow, so this stays true.
      const session = await store.find(sessionId);
      if (session === undefined || session.endedAtMs !== null || session.expiresAtMs <= nowMs)
        return { state: 'invalid' };
      // Only on a database restored from an old copy can a token be ahead of its session.
      if (session.generation <= generation) return { state: 'invalid' };
      const isJustReplaced = session.generation === generation + 1;
      if (isJustReplaced && nowMs - session.rotatedAtMs <= graceMs)
        return { state: 'replayed', session, refreshToken: tokenOf(session) };
      await store.end(sessionId, 'token_reused', nowMs);
      return { state: 'reused', session };
    },

    /** Ends one session. Its refresh token is refused from now on, and so are its access tokens where they are checked. */
    end: (id: string, reason: EndReason): Promise<void> => store.end(id, reason, now().getTime()),
  };
};

export type Sessions = ReturnType<typeof createSessions>;
