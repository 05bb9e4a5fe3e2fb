import { readFileSync } from 'node:fs';
import { migrate } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { allowedFrom, effectOf, ORDER_STATES, shopMigrations, stateDiagram } from '../src/index.ts';
import { stateCheck } from '../src/order-states.ts';

describe('the table of states', () => {
  it('is the picture in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`mermaid\n${stateDiagram()}\n\`\`\``);
  });

  it('never lets a paid order expire, and gives back once', () => {
    const effects = ORDER_STATES.flatMap((from) =>
      allowedFrom(from).map((to) => ({ from, to, effect: effectOf(from, to) })),
    );
    const into = (state: string) => effects.filter(({ to }) => to === state).map(({ from }) => from);
    expect(into('expired')).toEqual(['pending']);
    const givesBack = effects.filter(({ effect }) => effect === 'give_back' || effect === 'take_back');
    for (const { to } of givesBack) expect(allowedFrom(to)).toEqual([]);
    expect(into('pending')).toEqual([]);
  });
});

eachDatabase((engine) => {
  it('is the constraint of the database', async () => {
    const { db } = await engine.open();
    await migrate(db, shopMigrations);
    const insert = (status: string, id: string) =>
      sql`insert into orders (id, user_id, status, version, currency, subtotal_minor, discount_minor, tax_minor,
        total_minor, reservation_id, expires_at, created_at, updated_at)
        values (${id}, 1, ${status}, 1, 'USD', 1, 0, 0, 1, ${id}, 1, 1, 1)`.execute(db);
    for (const state of ORDER_STATES) await insert(state, state);
    await expect(insert('lost', 'lost')).rejects.toThrow('orders_status');
    if (engine.name === 'sqlite') {
      const made = sql<{ sql: string }>`select sql from sqlite_schema where name = 'orders'`;
      expect((await made.execute(db)).rows[0]?.sql).toContain(`orders_status ${stateCheck('status')}`);
    }
  });

  it('has a history that cannot be changed', async () => {
    const { db } = await engine.open();
    await migrate(db, shopMigrations);
    if (engine.name === 'sqlite') await sql`pragma foreign_keys = off`.execute(db);
    else await sql`alter table order_events drop constraint order_events_order_id_fkey`.execute(db);
    await sql`insert into order_events values ('a', 1, null, 'pending', 'system', null, 1)`.execute(db);
    for (const change of [sql`update order_events set actor = 'me'`, sql`delete from order_events`])
      await expect(change.execute(db)).rejects.toThrow('append-only');
  });
});
