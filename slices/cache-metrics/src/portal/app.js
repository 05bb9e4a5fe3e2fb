// The page: what is chosen (range, theme, route, pause), and its parts. All figures come from the history.

import { html } from 'htm/preact';
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { createHistory } from '../portal-figures/history.js';
import { lookAt } from '../portal-figures/view.js';
import { Charts, Tiles } from './charts.js';
import { Choice, recall, remember, Status } from './controls.js';
import { createFeed } from './feed.js';
import { Notice } from './notice.js';
import { Bucket, CacheCard, Routes } from './panels.js';

/** @import { FeedState } from './feed.js' */
/** @import { RouteId } from '../portal-figures/figures.js' */
/** @import { View } from '../portal-figures/view.js' */
/** @import { SortKey } from './panels.js' */
/** @typedef {RouteId & { readonly key: string }} Chosen */

const ranges = new Map([
  ['60', '1 min'],
  ['300', '5 min'],
  ['900', '15 min'],
  ['3600', '1 h'],
]);
const themes = new Map([
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]);

/** @param {{ readonly view: View }} props */
const Limiters = ({ view: { limiters } }) => html`<section class="limits" aria-labelledby="limits">
  <h2 id="limits">Rate limits</h2>
  ${
    limiters.length === 0
      ? html`<p class="card empty">This server has no rate limiter. promo-rate-limit and combined-demo have one.</p>`
      : html`<div class="cards">${limiters.map((limiter) => html`<${Bucket} key=${limiter.policy} limiter=${limiter} />`)}</div>
        <p class="note">A bucket as if one caller had made all requests, full when this page was opened. Servers do not
          export each caller's own.</p>`
  }
</section>`;

/** @param {{ readonly view: View }} props */
const Caches = ({ view: { caches } }) => html`<section aria-labelledby="caches">
  <h2 id="caches">Caches</h2>
  ${
    caches.length === 0
      ? html`<p class="card empty">This server has no cache.</p>`
      : html`<div class="cards">${caches.map((cache) => html`<${CacheCard} key=${cache.cache} ...${cache} />`)}</div>`
  }
</section>`;

/**
 * @param {{
 *   readonly view: View,
 *   readonly range: readonly [number, number],
 *   readonly theme: string,
 *   readonly chosen: Chosen | null,
 *   readonly onChoose: (chosen: Chosen | null) => void,
 * }} props
 */
const Sections = ({ view, range, theme, chosen, onChoose }) => {
  const [sortedBy, setSortedBy] = useState(/** @type {SortKey} */ ('perSecond'));
  const [showsAll, setShowsAll] = useState(false);
  const lines = view.routes.filter(({ isWatching }) => showsAll || !isWatching);
  const of = chosen ? `${chosen.method} ${chosen.route}` : 'all routes but this page';
  return html`<${Tiles} view=${view} />
    <div class="columns">
      <div>
        <${Charts} view=${view} range=${range} theme=${theme} of=${of} />
        <${Caches} view=${view} />
      </div>
      <${Limiters} view=${view} />
    </div>
    <section aria-labelledby="routes">
      <h2 id="routes">Routes</h2>
      <div class="about">
        <p class="note">Choose one to see its charts. Requests are counted since the server started; the rest is of the range.</p>
        <label class="check note"><input type="checkbox" checked=${showsAll} onChange=${() => setShowsAll(!showsAll)} /> with the portal's own</label>
      </div>
      <div class="card">
        ${lines.length === 0 && html`<p class="empty">No requests yet. Try <code>curl -s ${location.origin}/products</code></p>`}
        <${Routes} lines=${lines} chosen=${chosen?.key ?? null} sortedBy=${sortedBy} onChoose=${onChoose} onSort=${setSortedBy} />
      </div>
    </section>`;
};

/** @param {{ readonly url: string }} props */
const App = ({ url }) => {
  const [state, setState] = useState(/** @type {FeedState} */ ({ kind: 'connecting' }));
  const [nowMs, setNowMs] = useState(() => Date.now());
  const [pausedAtMs, setPausedAtMs] = useState(/** @type {number | null} */ (null));
  const [range, setRange] = useState(() => recall('range', '300'));
  const [theme, setTheme] = useState(() => recall('theme', 'system'));
  const [chosen, setChosen] = useState(/** @type {Chosen | null} */ (null));
  const history = useMemo(createHistory, []);
  const feed = useMemo(
    () =>
      createFeed({
        url,
        onState: setState,
        onText: (text, atMs) => {
          history.add(text, atMs);
          setNowMs(atMs);
        },
      }),
    [url],
  );
  useEffect(() => void feed.start(), [feed]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    remember('theme', theme);
  }, [theme]);
  useEffect(() => remember('range', range), [range]);

  const shownMs = pausedAtMs ?? nowMs;
  const rangeMs = Number(range) * 1000;
  const view = useMemo(() => lookAt(history, shownMs, rangeMs, chosen), [shownMs, rangeMs, chosen]);
  /** @type {readonly [number, number]} */
  const shown = [(shownMs - rangeMs) / 1000, shownMs / 1000];
  return html`<header>
      <h1>Metrics</h1>
      <${Status} state=${state} pausedAtMs=${pausedAtMs} />
      <div class="controls">
        <${Choice} name="range" label="Time range" options=${ranges} value=${range} onChange=${setRange} />
        <button type="button" class="pause" aria-pressed=${pausedAtMs !== null}
          onClick=${() => setPausedAtMs(pausedAtMs === null ? nowMs : null)}>Pause</button>
        <${Choice} name="theme" label="Colors" options=${themes} value=${theme} onChange=${setTheme} />
      </div>
    </header>
    <main data-state=${state.kind}>
      <${Notice} state=${state} url=${url} onToken=${feed.unlock} />
      ${view && html`<${Sections} view=${view} range=${shown} theme=${theme} chosen=${chosen} onChoose=${setChosen} />`}
    </main>`;
};

const root = document.getElementById('portal');
if (root === null) throw new Error('the page has no place for the portal');
const url = root.dataset.metrics ?? '/metrics';
root.replaceChildren();
render(html`<${App} url=${url} />`, root);
