// What the reader can set, and the word on how the page is doing.

import { html } from 'htm/preact';
import { formatClock } from './format.js';

/** @import { FeedState } from './feed.js' */

/** What was chosen on this device before, where it may be remembered. @param {string} name @param {string} otherwise */
export const recall = (name, otherwise) => {
  try {
    return localStorage.getItem(`portal-${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
};

/** @param {string} name @param {string} value */
export const remember = (name, value) => {
  try {
    localStorage.setItem(`portal-${name}`, value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
};

/** A choice of one, as radio buttons: one tab stop, moved through by the arrow keys. @param {{ readonly name: string, readonly label: string, readonly options: ReadonlyMap<string | number, string>, readonly value: string, readonly onChange: (value: string) => void }} props */
export const Choice = ({ name, label, options, value, onChange }) => html`<fieldset class="choice">
  <legend>${label}</legend>
  ${[...options].map(
    ([option, text]) => html`<label key=${option}>
      <input type="radio" name=${name} value=${option} checked=${String(option) === value}
        onChange=${() => onChange(String(option))} />
      <span>${text}</span>
    </label>`,
  )}
</fieldset>`;

/** @param {{ readonly state: FeedState, readonly pausedAtMs: number | null }} props */
export const Status = ({ state, pausedAtMs }) => {
  const [mood, text] =
    state.kind === 'live' && pausedAtMs !== null
      ? ['paused', `Paused at ${formatClock(pausedAtMs)}`]
      : state.kind === 'live'
        ? ['live', 'Live']
        : state.kind === 'connecting'
          ? ['paused', 'Connecting']
          : ['down', state.kind === 'silent' ? 'No answer' : 'No metrics'];
  return html`<p class="status" data-mood=${mood} role="status"><span class="dot"></span>${text}</p>`;
};
