/** Looks that are not answered keep at most two threads, and nobody for longer than their time. */

import { expect, it, vi } from 'vitest';
import { lookInTime } from '../../src/sending/look-in-time.js';
import { collectGarbage } from '../helpers/gc.js';

it('two hang, the others are told in time, and go on when one is over', async () => {
  const ends: (() => void)[] = [];
  const hang = vi.fn(() => new Promise<object>((resolve) => ends.push(() => resolve({}))));
  const look = (place: string, how: () => Promise<object> = hang) => lookInTime(place, 30, how);
  expect(await Promise.all(['a', 'b', 'c', 'a'].map((place) => look(place)))).toEqual(
    Array(4).fill(undefined),
  );
  expect(hang).toHaveBeenCalledTimes(2);
  const answers = vi.fn(async () => ({ found: true }));
  expect([await look('a', answers), await look('d', answers)]).toEqual([undefined, undefined]);
  expect(answers).not.toHaveBeenCalled();
  ends[0]?.();
  await vi.waitFor(async () => expect(await look('d', answers)).toEqual({ found: true }));
  expect(await look('a', answers)).toEqual({ found: true });
  expect(await look('b', answers)).toBeUndefined();
  ends[1]?.();
  await vi.waitFor(async () => expect(await look('b', answers)).toEqual({ found: true }));
  await expect(look('e', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('those who were told in time are forgotten, however long the two before them hang', async () => {
  const ends: (() => void)[] = [];
  const hang = () => new Promise<object>((resolve) => ends.push(() => resolve({})));
  await Promise.all(['f', 'g'].map((place) => lookInTime(place, 1, hang)));
  const looks = Array.from({ length: 20 }, (_, index) => {
    const look = async () => ({ index });
    return { found: lookInTime(`h${index}`, 1, look), ref: new WeakRef(look) };
  });
  expect(await Promise.all(looks.map(({ found }) => found))).toEqual(Array(20).fill(undefined));
  const refs = looks.splice(0).map(({ ref }) => ref);
  await collectGarbage();
  expect(refs.filter((ref) => ref.deref())).toEqual([]);
  for (const end of ends) end();
  await vi.waitFor(async () => expect(await lookInTime('h0', 30, async () => ({}))).toEqual({}));
});
