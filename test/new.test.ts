import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layDown } from '../lab/new/lay-down.ts';
import { listedInReadme, plannedTheme, trackedAsStarted } from '../lab/new/listings.ts';
import { nameFault, renamed } from '../lab/new/name.ts';
import { ROOT, readManifest } from '../lab/workspace.ts';
import { copyLab, runIn } from './lab-copy.ts';

const planned = '| `a-plan` | Plans & "dreams" | Plan | Ideas | planned |\n';
const demo = '| `combined-demo` | Demo | All | Root | done |\n';

describe('the name of a new slice', () => {
  test.each(['wish-list', 'a', 'b2b-orders', 'x'.repeat(30)])('may be %s', (name) => {
    expect(nameFault(name, ['cart'])).toBeUndefined();
  });

  test.each([
    ['', 'Which name?'],
    ['WishList', 'lower-case words joined by hyphens'],
    ['wish_list', 'lower-case words joined by hyphens'],
    ['-wish', 'lower-case words joined by hyphens'],
    ['wish--list', 'lower-case words joined by hyphens'],
    ['wish-2024', 'each beginning with a letter'],
    ['../wish', 'lower-case words joined by hyphens'],
    ['x'.repeat(31), '31 characters are more than 30'],
    ['shared', 'another part of the lab has that name'],
    ['cart', 'There is a slice "cart" already'],
  ])('may not be "%s"', (name, fault) => {
    expect(nameFault(name, ['cart'])).toContain(fault);
  });

  test('replaces that of the template in every way it is written', () => {
    const text = '@lab/sample-slice sample_slice_notes sampleSliceSettings SampleSliceDeps Sample slice 3999';
    expect(renamed(text, { name: 'wish-list', port: 3007 })).toBe(
      '@lab/wish-list wish_list_notes wishListSettings WishListDeps Wish list 3007',
    );
  });
});

describe('the tables that list a new slice', () => {
  test('get a row above that of the demo', () => {
    const slice = { name: 'wish-list', theme: 'Wish list' };
    expect(trackedAsStarted(planned + demo, slice)).toMatch(
      /\| `wish-list` \| Wish list \|.+\| started \|\n\| `comb/,
    );
    expect(listedInReadme('| [combined-demo](x) | |\n', 'wish-list')).toMatch(
      /^\| \[wish-list\]\(.+\n\| \[comb/,
    );
    expect(() => listedInReadme('# Lab', 'wish-list')).toThrow('no row of combined-demo');
  });

  test('keep the row of a slice that was planned, under its theme', () => {
    const theme = plannedTheme(planned + demo, 'a-plan') ?? '';
    expect(theme).toBe('Plans & "dreams"');
    expect(trackedAsStarted(planned + demo, { name: 'a-plan', theme })).toBe(
      planned.replace('planned |', 'started |') + demo,
    );
  });
});

// Its imports sort behind those of shared, and its names are as long as they may be.
const LONGEST = 'zebra-crossings-of-a-long-name';

describe('make new, in a copy of the repository', { timeout: 600_000 }, () => {
  let copy = '';
  const read = (path: string) => readFileSync(join(copy, path), 'utf8');
  const listed = () => [read('TRACKER.md'), read('README.md'), readdirSync(join(copy, 'slices'))];
  const { scripts } = readManifest(ROOT);
  const passes = async (command: string) => {
    const { code, said } = await runIn(copy, command);
    expect(code, said).toBe(0);
    return said;
  };

  beforeAll(async () => {
    copy = copyLab();
    writeFileSync(
      join(copy, 'TRACKER.md'),
      read('TRACKER.md').replace(/^\| `combined-demo`/m, `${planned}$&`),
    );
    await passes('node lab/install.mjs --frozen-lockfile --prefer-offline');
  }, 120_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('refuses a name with the reason and code 2, and writes nothing', async () => {
    const before = listed();
    for (const name of ['Wish', 'cart-pricing', '']) {
      expect(await runIn(copy, `${scripts.new} slice=${name}`)).toMatchObject({
        code: 2,
        said: `${nameFault(name, ['cart-pricing'])}\n`,
      });
    }
    expect(listed()).toEqual(before);
  });

  test('leaves nothing behind where it fails half way', () => {
    const before = listed();
    const source = join(copy, 'lab/new/template/src/router.ts');
    const text = readFileSync(source, 'utf8');
    appendFileSync(source, 'export const = broken');
    expect(() => layDown(copy, 'half-way')).toThrow('could not be formatted');
    writeFileSync(source, text);
    expect(listed()).toEqual(before);
  });

  test('lays down slices that pass what CI checks', async () => {
    const said = await passes(`CI=true ${scripts.new} slice=${LONGEST}`);
    expect(said).toContain(`slices/${LONGEST}`);
    await passes(`${scripts.new} slice=a-plan`);
    const ports = [LONGEST, 'a-plan'].map((name) => readManifest(join(copy, 'slices', name)).lab?.port ?? 0);
    expect(ports[1]).toBe((ports[0] ?? 0) + 1);
    expect(existsSync(join(copy, 'slices', LONGEST, 'node_modules'))).toBe(true);

    await passes(`biome check --error-on-warnings slices/${LONGEST} slices/a-plan && knip`);
    await passes('vitest run test/{tracker,manifests,silhouette,imports,glossary,links,settings}.test.ts');
    const ofSlice = await passes(`vitest run test/{readmes,run,patterns}.test.ts -t zebra-crossings`);
    // Its break, curl commands, app to take home, start and stop, and regular expressions.
    expect(stripVTControlCharacters(ofSlice)).toMatch(/Tests {2}5 passed/);
    await passes(`${scripts.openapi} slice=${LONGEST}`);
    // With its types.
    const alone = await passes(`${scripts.isolate} slice=${LONGEST}`);
    expect(stripVTControlCharacters(alone)).toMatch(/Test Files {2}4 passed/);
  });
});
