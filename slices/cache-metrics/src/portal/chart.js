// One chart: uPlot's canvas, and a legend in text that says the latest values, or those under the cursor. The arrow keys
// move the cursor of a focused chart; all charts move theirs along.

import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatBytes, formatClock } from './format.js';

/** @import { Format } from './format.js' */
/** @typedef {{ readonly label: string, readonly color: string, readonly values: readonly (number | null)[] }} Line */
/**
 * @typedef {{
 *   readonly title: string,
 *   readonly note?: string,
 *   readonly format: Format,
 *   readonly times: readonly number[],
 *   readonly lines: readonly Line[],
 *   readonly range: readonly [number, number],
 *   readonly most?: number,
 *   readonly theme: string,
 *   readonly empty: string,
 * }} ChartProps
 */

const HEIGHT = 168;
const FONT = '11px ui-sans-serif, system-ui, sans-serif';

/** A color of the current theme. @param {string} name */
const colorOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** @type {uPlot.Axis.DynamicValues} */
const timesOfDay = (_, ticks, __, ___, distance) =>
  ticks.map((tick) => formatClock(tick * 1000).slice(0, distance < 60 ? 8 : 5));

// So that an axis of bytes has ticks at whole KiB, MiB and GiB.
const powersOfTwo = Array.from({ length: 40 }, (_, index) => 2 ** index);

/** @param {ChartProps} props @param {number} width @param {(index: number | null) => void} onCursor @returns {uPlot.Options} */
const optionsOf = ({ format, lines, most }, width, onCursor) => {
  const axis = { stroke: () => colorOf('--muted'), font: FONT, ticks: { show: false } };
  const grid = { stroke: () => colorOf('--line'), width: 1 };
  return {
    width,
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'portal' }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_, __, high) => [0, most ?? (high > 0 ? high * 1.15 : 1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 64, size: 26, values: timesOfDay },
      {
        ...axis,
        grid,
        space: 36,
        size: 62,
        values: (_, ticks) => ticks.map((tick) => (tick === 0 ? '0' : format(tick))),
        ...(format === formatBytes && { incrs: powersOfTwo }),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color }, index) => ({
        label,
        stroke: () => colorOf(color),
        fill: () => (index === 0 ? `color-mix(in srgb, ${colorOf(color)} 12%, transparent)` : 'transparent'),
        width: 1.75,
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
};

/** @param {uPlot} plot @param {string} key */
const moveCursor = (plot, key) => {
  const [times] = plot.data;
  const last = times.length - 1;
  const at = plot.cursor.idx ?? last;
  const next = new Map([
    ['ArrowLeft', at - 1],
    ['ArrowRight', at + 1],
    ['Home', 0],
    ['End', last],
  ]).get(key);
  const time = next === undefined ? undefined : times[Math.max(0, Math.min(last, next))];
  if (time === undefined) return false;
  plot.setCursor({ left: plot.valToPos(time, 'x'), top: HEIGHT / 2 });
  return true;
};

/** Creates the plot once, and keeps its size, its data and its colors up to date. @param {ChartProps} props */
const usePlot = (props) => {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {uPlot | null} */ (null));
  const [cursor, setCursor] = useState(/** @type {number | null} */ (null));
  const { times, lines, range, theme } = props;
  const shape = lines.map(({ label }) => label).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsOf(props, element.clientWidth, setCursor),
      [[], ...lines.map(() => [])],
      element,
    );
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => {
    const [min, max] = range;
    plot.current?.batch(() => {
      plot.current?.setData([[...times], ...lines.map(({ values }) => [...values])], true);
      plot.current?.setScale('x', { min, max });
    });
  });
  useEffect(() => plot.current?.redraw(false), [theme]);
  return { place, plot, cursor };
};

/** @param {ChartProps} props */
export const Chart = (props) => {
  const { title, note, format, times, lines, empty } = props;
  const { place, plot, cursor } = usePlot(props);
  const index = cursor !== null && cursor < times.length ? cursor : times.length - 1;
  const shown = lines.map((line) => ({ ...line, text: format(line.values[index]) }));
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  const summary = isEmpty ? empty : shown.map(({ label, text }) => `${label} ${text}`).join(', ');
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (plot.current && moveCursor(plot.current, event.key)) event.preventDefault();
  };
  return html`<figure class="card chart">
    <figcaption>
      <h3>${title}</h3>
      ${note && html`<p class="note">${note}</p>`}
      <ul class="legend">
        ${shown.map(
          ({ label, color, text }) => html`<li key=${label}>
            <span class="swatch" style=${{ background: `var(${color})` }}></span>
            <span>${label}</span> <strong>${text}</strong>
          </li>`,
        )}
      </ul>
    </figcaption>
    <div class="plot">
      <div ref=${place} tabindex="0" role="img" aria-label="${title}: ${summary}" onKeyDown=${onKeyDown}></div>
      ${isEmpty && html`<p class="empty">${empty}</p>`}
    </div>
  </figure>`;
};
