// The parts of the page that are no charts: tiles, the token buckets, the cache and the table of routes.

import { html } from 'htm/preact';
import { formatCount, formatNumber, formatSeconds, formatShare } from './format.js';

/** @import { limiterOf } from '../portal-figures/token-bucket.js' */
/** @import { routesOf } from '../portal-figures/figures.js' */
/** @typedef {NonNullable<ReturnType<typeof limiterOf>>} Limiter */
/** @typedef {ReturnType<typeof routesOf>[number]} RouteLine */

/** @param {{ readonly label: string, readonly value: string, readonly note: string, readonly mood?: string }} props */
export const Tile = ({ label, value, note, mood = 'calm' }) => html`<div class="card tile" data-mood=${mood}>
  <dt>${label}</dt>
  <dd><strong>${value}</strong><span class="note">${note}</span></dd>
</div>`;

const VESSEL = 'M12 8 H108 L98 108 Q97 116 89 116 H31 Q23 116 22 108 Z';
const WAVE = 'M-120 6 q15 -7 30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 V130 H-120 Z';
const MOST_TOKENS_DRAWN = 20;

/** @param {{ readonly id: string, readonly share: number, readonly busy: boolean, readonly label: string }} props */
const Vessel = ({
  id,
  share,
  busy,
  label,
}) => html`<svg class="vessel" viewBox="0 0 120 122" role="img" aria-label=${label}>
  <clipPath id=${id}><path d=${VESSEL} /></clipPath>
  <path class="vessel-back" d=${VESSEL} />
  <g clip-path="url(#${id})">
    <g class="liquid" style=${{ transform: `translateY(${8 + 108 * (1 - share)}px)` }}>
      <path class="wave" data-busy=${busy} d=${WAVE} />
    </g>
  </g>
  <path class="vessel-edge" d=${VESSEL} />
</svg>`;

/** One disc for each token, for buckets that are small enough. @param {{ readonly capacity: number, readonly level: number }} props */
const Tokens = ({ capacity, level }) => html`<div class="tokens" aria-hidden="true">
  ${Array.from({ length: capacity }, (_, index) => {
    const share = Math.max(0, Math.min(1, level - index));
    return html`<span key=${index} class="token" data-full=${share === 1}>
      <span style=${{ transform: `scaleY(${share})` }}></span>
    </span>`;
  })}
</div>`;

/** @param {{ readonly decisions: Limiter['decisions'] }} props */
const Decisions = ({ decisions }) => html`<dl class="pairs">
  ${decisions.map(
    ({ decision, admits, total, perSecond }) => html`<div key=${decision} data-admits=${admits}>
      <dt>${decision}</dt>
      <dd><strong>${formatCount(total)}</strong> <span class="note">${formatNumber(perSecond)}/s</span></dd>
    </div>`,
  )}
</dl>`;

/** @param {{ readonly limiter: Limiter }} props */
export const Bucket = ({ limiter: { policy, decisions, bucket } }) => {
  const busy = decisions.some(({ perSecond }) => perSecond > 0);
  if (bucket === null)
    return html`<section class="card bucket">
      <h3>${policy}</h3>
      <p class="note">The server does not export this policy's size, so no bucket is drawn.</p>
      <${Decisions} decisions=${decisions} />
    </section>`;
  const { capacity, refillPerSecond, level } = bucket;
  const text = `${formatNumber(level)} of ${formatCount(capacity)} tokens`;
  return html`<section class="card bucket" data-level=${level.toFixed(3)} data-dry=${level < 1}>
    <h3>${policy}</h3>
    <p class="note">+${formatNumber(refillPerSecond)} tokens/s</p>
    <${Vessel} id="vessel-${policy}" share=${level / capacity} busy=${busy} label="Bucket of ${policy}: ${text}" />
    <p class="level"><strong>${formatNumber(level)}</strong> of ${formatCount(capacity)} tokens</p>
    ${capacity <= MOST_TOKENS_DRAWN && html`<${Tokens} capacity=${capacity} level=${level} />`}
    <${Decisions} decisions=${decisions} />
  </section>`;
};

/** @param {{ readonly cache: string, readonly hits: number | null, readonly misses: number | null, readonly entries: number | null, readonly evictions: readonly { readonly reason: string, readonly total: number | null }[] }} props */
export const CacheCard = ({ cache, hits, misses, entries, evictions }) => html`<section class="card">
  <h3>${cache}</h3>
  <dl class="pairs">
    <div><dt>hits</dt><dd><strong data-figure="hits-${cache}">${formatCount(hits)}</strong></dd></div>
    <div><dt>misses</dt><dd><strong data-figure="misses-${cache}">${formatCount(misses)}</strong></dd></div>
    <div><dt>entries</dt><dd><strong>${formatCount(entries)}</strong></dd></div>
    ${evictions.map(
      ({ reason, total }) =>
        html`<div key=${reason}><dt>evicted: ${reason}</dt><dd><strong>${formatCount(total)}</strong></dd></div>`,
    )}
  </dl>
</section>`;

const columns = /** @type {const} */ ([
  ['total', 'Requests', formatCount],
  ['perSecond', 'Per second', formatNumber],
  ['p50', 'p50', formatSeconds],
  ['p95', 'p95', formatSeconds],
  ['p99', 'p99', formatSeconds],
  ['failedShare', '5xx', formatShare],
]);

/** @typedef {(typeof columns)[number][0]} SortKey */

/** @param {readonly RouteLine[]} lines @param {SortKey} key */
const sorted = (lines, key) => lines.toSorted((a, b) => (b[key] ?? -1) - (a[key] ?? -1) || b.total - a.total);

/**
 * @param {{
 *   readonly lines: readonly RouteLine[],
 *   readonly chosen: string | null,
 *   readonly sortedBy: SortKey,
 *   readonly onChoose: (line: RouteLine | null) => void,
 *   readonly onSort: (key: SortKey) => void,
 * }} props
 */
export const Routes = ({ lines, chosen, sortedBy, onChoose, onSort }) =>
  lines.length > 0 &&
  html`<table class="routes" role="table">
  <thead role="rowgroup">
    <tr role="row">
      <th scope="col" role="columnheader">Route</th>
      ${columns.map(
        ([
          key,
          title,
        ]) => html`<th key=${key} scope="col" role="columnheader" aria-sort=${key === sortedBy ? 'descending' : 'none'}>
          <button type="button" class="quiet" onClick=${() => onSort(key)}>${title}</button>
        </th>`,
      )}
    </tr>
  </thead>
  <tbody role="rowgroup">
    ${sorted(lines, sortedBy).map(
      (
        line,
      ) => html`<tr key=${line.key} role="row" data-chosen=${line.key === chosen} data-watching=${line.isWatching}>
        <th scope="row" role="rowheader">
          <button type="button" class="quiet route" aria-pressed=${line.key === chosen}
            onClick=${() => onChoose(line.key === chosen ? null : line)}>
            <span class="method">${line.method}</span> ${line.route}
          </button>
        </th>
        ${columns.map(
          ([key, title, format]) =>
            html`<td key=${key} role="cell" data-title=${title} data-figure=${key}>${format(line[key])}</td>`,
        )}
      </tr>`,
    )}
  </tbody>
</table>`;
