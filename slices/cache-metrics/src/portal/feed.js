// Asks for `/metrics` again and again, and knows how that went. One request at a time; after a failure the pauses grow. A
// refusal ends the asking until the reader has given a token, so that the page does not hammer a server that says no.

const POLL_MS = 1000;
const TIMEOUT_MS = 5000;
const MAX_PAUSE_MS = 5000;

/**
 * @typedef {(
 *   | { readonly kind: 'connecting' }
 *   | { readonly kind: 'live', readonly atMs: number }
 *   | { readonly kind: 'silent', readonly sinceMs: number, readonly reason: string }
 *   | { readonly kind: 'locked', readonly rejected: boolean }
 *   | { readonly kind: 'absent' }
 * )} FeedState
 */

/** @param {unknown} error */
const reasonOf = (error) => {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  return error instanceof TypeError ? 'the server cannot be reached' : String(error);
};

/**
 * @param {{
 *   readonly url: string,
 *   readonly onText: (text: string, atMs: number) => void,
 *   readonly onState: (state: FeedState) => void,
 * }} deps
 */
export const createFeed = ({ url, onText, onState }) => {
  let token = '';
  let failures = 0;
  let sinceMs = 0;
  let generation = 0;

  /** @param {string} reason */
  const fail = (reason) => {
    if (failures === 0) sinceMs = Date.now();
    failures += 1;
    onState({ kind: 'silent', sinceMs, reason });
    return Math.min(MAX_PAUSE_MS, POLL_MS * 2 ** (failures - 1));
  };

  /** @returns {Promise<number | null>} the pause before the next request, in milliseconds; null to stop asking */
  const ask = async () => {
    const headers = token === '' ? new Headers() : new Headers({ 'X-Admin-Token': token });
    const response = await fetch(url, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 403) {
      onState({ kind: 'locked', rejected: token !== '' });
      return null;
    }
    if (response.status === 404) {
      onState({ kind: 'absent' });
      return null;
    }
    if (!response.ok) return fail(`it answers ${response.status}`);
    const text = await response.text();
    failures = 0;
    onText(text, Date.now());
    onState({ kind: 'live', atMs: Date.now() });
    return POLL_MS;
  };

  /** @param {number} mine */
  const loop = async (mine) => {
    const startedMs = performance.now();
    const pauseMs = await ask().catch((error) => fail(reasonOf(error)));
    if (pauseMs === null || mine !== generation) return;
    setTimeout(
      () => mine === generation && loop(mine),
      Math.max(50, pauseMs - (performance.now() - startedMs)),
    );
  };

  const start = () => {
    generation += 1;
    return loop(generation);
  };
  return {
    start,
    /** Tries again with a token, which is kept in memory only. @param {string} given */
    unlock: (given) => {
      token = given;
      return start();
    },
  };
};
