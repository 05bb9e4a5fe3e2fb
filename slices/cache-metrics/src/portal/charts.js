// The tiles and the charts of a view.

import { html } from 'htm/preact';
import { Chart } from './chart.js';
import { formatBytes, formatNumber, formatSeconds, formatShare } from './format.js';
import { Tile } from './panels.js';

/** @import { View } from '../portal-figures/view.js' */

/** @typedef {{ readonly view: View, readonly range: readonly [number, number], readonly theme: string, readonly of: string }} ViewProps */

/** @param {ViewProps} props */
export const Tiles = ({ view: { latest, all, rate, percentiles, failedShare, hitRatio, gauge } }) => {
  const { p50, p95, p99 } = percentiles(latest);
  const lag = gauge('nodejs_eventloop_lag_p99_seconds')(latest);
  const ratio = hitRatio(all);
  return html`<dl class="tiles">
    <${Tile} label="Requests" value="${formatNumber(rate(latest))}/s" note="now" />
    <${Tile} label="Latency p95" value=${formatSeconds(p95)} note="p50 ${formatSeconds(p50)}, p99 ${formatSeconds(p99)}" />
    <${Tile} label="Failed (5xx)" value=${formatShare(failedShare)} note="of the range" mood=${(failedShare ?? 0) > 0.01 ? 'bad' : 'calm'} />
    <${Tile} label="Cache hits" value=${formatShare(ratio)} note=${ratio === null ? 'no cache was asked' : 'of the range'} />
    <${Tile} label="Event loop p99" value=${formatSeconds(lag)} note="lag" mood=${(lag ?? 0) > 0.1 ? 'bad' : 'calm'} />
    <${Tile} label="Memory" value=${formatBytes(gauge('process_resident_memory_bytes')(latest))} note="resident" />
  </dl>`;
};

/** @param {ViewProps} props */
export const Charts = ({ view, range, theme, of }) => {
  const { spans, rate, failureRate, percentiles, hitRatio, gauge } = view;
  const times = spans.map(({ after }) => after.atMs / 1000);
  const shared = { times, range, theme };
  const parts = spans.map(percentiles);
  const gaugeLine = (/** @type {string} */ name) => spans.map(gauge(name));
  return html`<div class="charts">
    <${Chart} ...${shared} title="Requests per second" note=${of} format=${formatNumber} empty="No requests yet"
      lines=${[{ label: 'all', color: '--line-1', values: spans.map(rate) }, { label: '5xx', color: '--line-3', values: spans.map(failureRate) }]} />
    <${Chart} ...${shared} title="Latency" note=${of} format=${formatSeconds} empty="No requests in this range"
      lines=${[
        { label: 'p50', color: '--line-1', values: parts.map(({ p50 }) => p50) },
        { label: 'p95', color: '--line-2', values: parts.map(({ p95 }) => p95) },
        { label: 'p99', color: '--line-3', values: parts.map(({ p99 }) => p99) },
      ]} />
    <${Chart} ...${shared} title="Cache hit ratio" format=${formatShare} most=${1.05} empty="No cache was asked in this range"
      lines=${[{ label: 'hits', color: '--line-4', values: spans.map(hitRatio) }]} />
    <${Chart} ...${shared} title="Event loop lag" note="timers of 10 ms" format=${formatSeconds} empty="This server exports no event loop metrics"
      lines=${[
        { label: 'p50', color: '--line-1', values: gaugeLine('nodejs_eventloop_lag_p50_seconds') },
        { label: 'p99', color: '--line-3', values: gaugeLine('nodejs_eventloop_lag_p99_seconds') },
      ]} />
    <${Chart} ...${shared} title="Memory" format=${formatBytes} empty="This server exports no memory metrics"
      lines=${[
        { label: 'resident', color: '--line-1', values: gaugeLine('process_resident_memory_bytes') },
        { label: 'heap used', color: '--line-2', values: gaugeLine('nodejs_heap_size_used_bytes') },
      ]} />
  </div>`;
};
