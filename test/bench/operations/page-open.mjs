/**
 * What a page that is open costs the service: 200 targets, 5,000 events a second.
 * `npm run build`, then `node test/bench/operations/page-open.mjs [--rounds 8] [--seconds 5] [--view targets|events]`.
 *
 * The service is in a process of its own; in turn a page is open on it, and on another service that has nothing to do:
 * the browser's own work is on the machine both times. Compared are the processor time of each event at 5,000 a second,
 * and how many events get through when there are as many as can be.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { median } from './ratios.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    view: { type: 'string', default: 'targets' },
  },
});
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const start = () => fork(fileURLToPath(new URL('./busy-service.mjs', import.meta.url)));
const [service, idle] = [start(), start()];
const told = async (child = service) => (await once(child, 'message'))[0];
const [{ port }, { port: idlePort }] = await Promise.all([told(), told(idle)]);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function measure(mode) {
  const telling = told();
  service.send({ mode, seconds: Number(values.seconds) });
  return telling;
}

async function withPage(at, act) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`http://127.0.0.1:${at}/ui/#/${values.view === 'events' ? 'events' : ''}`);
  await page
    .locator(values.view === 'events' ? '.live-list' : 'table.targets tbody tr')
    .first()
    .waitFor();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const measured = await act();
  await page.close();
  return measured;
}

const measures = { paced: [], flood: [] };
await measure('flood');
for (let round = 0; round < Number(values.rounds); round++) {
  for (const mode of ['paced', 'flood']) {
    const measured = {};
    for (const way of round % 2 ? ['alone', 'open'] : ['open', 'alone']) {
      measured[way] = await withPage(way === 'open' ? port : idlePort, () => measure(mode));
    }
    measures[mode].push(measured);
  }
}
const say = (what, values) =>
  console.log(
    `${what}: ${median(values).toFixed(3)} (${Math.min(...values).toFixed(3)}-${Math.max(...values).toFixed(3)})`,
  );
const per = (key, mode, way) => median(measures[mode].map((each) => each[way][key])).toFixed(0);
console.log(
  `view: ${values.view}, ${values.rounds} rounds, paired ratios of a page here to a page elsewhere, median (min-max)`,
);
say(
  `5,000 events/s, processor time an event (${per('cpuNs', 'paced', 'open')} / ${per('cpuNs', 'paced', 'alone')} ns)`,
  measures.paced.map(({ open, alone }) => open.cpuNs / alone.cpuNs),
);
say(
  '5,000 events/s, delivered',
  measures.paced.map(({ open, alone }) => open.delivered / alone.delivered),
);
say(
  `as many as can be, delivered events/s (${per('perSecond', 'flood', 'open')} / ${per('perSecond', 'flood', 'alone')})`,
  measures.flood.map(({ open, alone }) => open.perSecond / alone.perSecond),
);
say(
  `as many as can be, processor time an event (${per('cpuNs', 'flood', 'open')} / ${per('cpuNs', 'flood', 'alone')} ns)`,
  measures.flood.map(({ open, alone }) => open.cpuNs / alone.cpuNs),
);
await browser.close();
service.disconnect();
idle.disconnect();
