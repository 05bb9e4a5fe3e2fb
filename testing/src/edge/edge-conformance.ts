import type { App, RouteContract } from '@lab/shared/http';
import { expect, test } from 'vitest';
import { startApp } from '../http/start-app.ts';
import { bodyCases, framingCases } from './body-cases.ts';
import { connectionCases } from './connection-cases.ts';
import type { EdgeCase } from './edge-case.ts';
import { headerCases } from './header-cases.ts';
import { failuresOf } from './send-edge-case.ts';
import { targetCases } from './target-cases.ts';

const atOnce = 8;

/** Whether the route reads JSON before anything else. */
const takesJson = ({ method, body, path }: RouteContract): boolean =>
  method === 'POST' && body !== undefined && !('read' in body) && !path.includes(':');

/** All cases that apply to the routes of an app. */
export const edgeCasesFor = ({ contracts }: Pick<App, 'contracts'>): readonly EdgeCase[] => {
  const route = contracts.find(takesJson);
  const ofBodies = route ? bodyCases(route.path) : [];
  return [...targetCases, ...headerCases, ...framingCases, ...connectionCases, ...ofBodies];
};

/**
 * A test that sends an app about a hundred valid and invalid requests as raw bytes, and checks that it follows HTTP/1.1
 * (RFC 9110, RFC 9112): `edgeConformance(() => createTestApp([createThingRouter(...)]))`.
 */
export const edgeConformance = (openApp: () => App | Promise<App>): void => {
  test('reads HTTP/1.1 strictly, byte for byte', { timeout: 60_000 }, async () => {
    const app = await openApp();
    const { port } = await startApp(app);
    const failures: string[] = [];
    const queue = edgeCasesFor(app).values();
    const work = async (): Promise<void> => {
      for (const edgeCase of queue) failures.push(...(await failuresOf(port, edgeCase)));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(failures.join('\n')).toBe('');
  });
};
