import { createFakeClock } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { createTimeOfDayGreeter, createWelcome, plainGreeter } from '../src/welcome.ts';

/** Flags that are on for everyone; nothing of OpenFeature, files or databases is needed. */
const flagsOn = (...on: string[]) => ({ isOn: async (key: string) => on.includes(key) });

const greeters = { plain: plainGreeter, byTimeOfDay: () => 'a part of the test' };
const offer = () => 'One for two';

describe('the welcome', () => {
  it.each([
    [[], { greeting: 'Welcome, 7!', greeter: 'plain', offer: null }],
    [['welcome_offer'], { greeting: 'Welcome, 7!', greeter: 'plain', offer: 'One for two' }],
    [['welcome_by_time_of_day'], { greeting: 'a part of the test', greeter: 'time_of_day', offer: null }],
  ])('with the flags %j', async (on, expected) => {
    const welcome = createWelcome({ flags: flagsOn(...on), greeters, offer });
    expect(await welcome('7')).toEqual(expected);
  });
});

it.each([
  ['04:59', 'Good night!'],
  ['05:00', 'Good morning!'],
  ['12:00', 'Good day!'],
  ['22:00', 'Good night!'],
])('the greeter by time of day says at %s: %s', (time, greeting) => {
  const { now } = createFakeClock(`2026-11-20T${time}:00.000Z`);
  expect(createTimeOfDayGreeter({ now })(undefined)).toBe(greeting);
});
