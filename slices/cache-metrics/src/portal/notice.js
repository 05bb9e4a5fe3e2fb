// What the page says when it has no figures to show, or no new ones.

import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { formatClock } from './format.js';

/** @import { FeedState } from './feed.js' */

/** @param {{ readonly rejected: boolean, readonly onToken: (token: string) => void }} props */
const TokenForm = ({ rejected, onToken }) => {
  const [token, setToken] = useState('');
  const onSubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (token !== '') onToken(token);
  };
  return html`<form class="card notice" onSubmit=${onSubmit}>
    <h2>These metrics are for operators</h2>
    <p>This server shows <code>/metrics</code> only to requests with the header <code>X-Admin-Token</code>
      (<code>PUBLIC_METRICS</code> is off). Enter the operators' token. It stays in this page's memory and is gone when you close it.</p>
    <label for="token">X-Admin-Token</label>
    <div class="row">
      <input id="token" type="password" autocomplete="off" value=${token} aria-describedby="token-fault"
        onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setToken(event.currentTarget.value)} />
      <button type="submit" class="primary">Show metrics</button>
    </div>
    <p id="token-fault" class="fault" role="alert">${rejected ? 'The server does not accept this token.' : ''}</p>
  </form>`;
};

/** What to say instead of, or above, the charts. @param {{ readonly state: FeedState, readonly url: string, readonly onToken: (token: string) => void }} props */
export const Notice = ({ state, url, onToken }) => {
  if (state.kind === 'locked') return html`<${TokenForm} rejected=${state.rejected} onToken=${onToken} />`;
  if (state.kind === 'absent')
    return html`<section class="card notice"><h2>No metrics at ${url}</h2>
      <p>Nothing answers there on this port. With <code>ADMIN_PORT</code> set, metrics and this page are on that port.</p></section>`;
  if (state.kind === 'silent')
    return html`<section class="card notice" data-mood="down" role="alert"><h2>${url} has stopped answering</h2>
      <p>Since ${formatClock(state.sinceMs)}: ${state.reason}. The page keeps trying; what you see below is the last that was heard.</p></section>`;
  return null;
};
