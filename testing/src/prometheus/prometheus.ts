import { parseSample, type Sample } from './prometheus-lines.ts';
import { type Family, lintFamily } from './prometheus-lint.ts';

export interface Metrics {
  readonly families: ReadonlyMap<string, Family>;
  /** The value of the only series with at least these labels; undefined if there is none or more than one. */
  readonly value: (name: string, labels?: Readonly<Record<string, string>>) => number | undefined;
}

interface OpenFamily {
  readonly name: string;
  help: string | undefined;
  type: string | undefined;
  readonly samples: Sample[];
}

const suffixes: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|sum|count)$/,
  summary: /_(?:sum|count)$/,
};

/** Reads the lines of all families in order. Faults are reported with their line numbers. */
class FamilyReader {
  readonly families = new Map<string, OpenFamily>();
  #current: OpenFamily | undefined;

  #open(name: string): OpenFamily {
    if (this.#current?.name === name) return this.#current;
    if (this.families.has(name)) throw new Error(`the family ${name} is not contiguous`);
    this.#current = { name, help: undefined, type: undefined, samples: [] };
    this.families.set(name, this.#current);
    return this.#current;
  }

  #comment(line: string): void {
    const [, keyword, name = '', text = ''] = /^# (HELP|TYPE) (\S+)(?: (.*))?$/.exec(line) ?? [];
    if (keyword === undefined) return;
    const family = this.#open(name);
    const member = keyword === 'HELP' ? 'help' : 'type';
    if (family[member] !== undefined) throw new Error(`a second ${keyword} of ${name}`);
    if (family.samples.length > 0) throw new Error(`${keyword} of ${name} after its samples`);
    family[member] = text;
  }

  #sample(line: string): void {
    const sample = parseSample(line);
    const { name: family = '', type = '' } = this.#current ?? {};
    const ending = suffixes[type];
    const isPart = ending?.test(sample.name) && sample.name.replace(ending, '') === family;
    this.#open(isPart ? family : sample.name).samples.push(sample);
  }

  read(line: string): void {
    if (line.startsWith('#')) this.#comment(line);
    else if (line.trim() !== '') this.#sample(line);
  }
}

const hasLabels = (sample: Sample, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => sample.labels[name] === value);

/**
 * Reads the Prometheus text format 0.0.4, with the rules of `promtool check metrics`: one HELP and one TYPE before the
 * samples of each family, families contiguous, no series twice, buckets cumulative with `+Inf` equal to the count,
 * `_total` on counters and on nothing else. Throws one Error with all faults.
 */
export const parsePrometheus = (text: string): Metrics => {
  const faults: string[] = text.endsWith('\n') ? [] : ['the last line has no line feed'];
  const reader = new FamilyReader();
  for (const [index, line] of text.split('\n').entries()) {
    try {
      reader.read(line);
    } catch (error) {
      faults.push(`line ${index + 1}: ${error instanceof Error ? error.message : error}`);
    }
  }
  faults.push(...[...reader.families.values()].flatMap(lintFamily));
  if (faults.length > 0) throw new Error(`Not the Prometheus text format:\n${faults.join('\n')}`);
  const samples = [...reader.families.values()].flatMap((family) => family.samples);
  return {
    families: reader.families,
    value: (name, labels = {}) => {
      const found = samples.filter((sample) => sample.name === name && hasLabels(sample, labels));
      return found.length === 1 ? found[0]?.value : undefined;
    },
  };
};
