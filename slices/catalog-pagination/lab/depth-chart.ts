import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export interface DepthResult {
  readonly depth: number;
  readonly way: 'keyset' | 'OFFSET';
  readonly p50Ms: number;
}

/** Latency over depth as an SVG chart of both ways. The time scale is logarithmic. */
export const depthChart = (title: string, results: readonly DepthResult[]): Promise<string> => {
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title,
    width: 480,
    height: 240,
    background: 'white',
    data: { values: results.map((result) => ({ ...result })) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'depth', type: 'quantitative', title: 'rows before the page' },
      y: { field: 'p50Ms', type: 'quantitative', title: 'p50, milliseconds', scale: { type: 'log' } },
      color: { field: 'way', type: 'nominal', title: null },
    },
  };
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
};
