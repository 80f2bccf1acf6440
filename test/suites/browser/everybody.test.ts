/** The page for everybody: who cannot see it, has no mouse, holds a phone, or has two hundred targets. */

import { expect, it } from 'vitest';
import { startPage, tasksAtWork, visit } from '../../helpers/browser.js';
import { describeWith } from '../../helpers/programs.js';
import { startReceiver } from '../../helpers/receiver.js';
import { quickTarget } from '../../helpers/transport.js';

/** Longer than that, and a person notices. */
const MAX_TASK_MS = 200;

const longName = 'broken'.padEnd(64, '-long');

/** Two targets, one of them down. */
async function startTwo() {
  const [fine, broken] = [await startReceiver(), await startReceiver(401)];
  const test = await startPage({
    targets: [
      quickTarget(fine.address, { name: 'fine' }),
      quickTarget(broken.address, { name: longName, retry_timeout: '1h' }),
    ],
  });
  test.logger.error('one');
  await test.report('targetDown');
  return { ...test, broken: longName };
}

const places = (name: string): [string, string][] => [
  ['#/', 'table.targets tbody tr'],
  [`#/targets/${name}`, '.attempts tbody tr'],
  [`#/targets/${name}/dead-letters`, '.empty'],
  [`#/targets/${name}/settings`, '.field'],
  ['#/new', '.field'],
  ['#/events', '.live-list'],
  ['#/settings', '.everything textarea'],
];

// A busy machine takes long to start a browser and to draw its pages: the limit is there for what hangs.
describeWith('chromium')('the page', { timeout: 180_000 }, () => {
  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe to find, in %s colours',
    async (scheme) => {
      const { origin, broken } = await startTwo();
      const visitor = await visit(origin, '', { scheme });
      const findings: string[] = [];
      for (const [place, sign] of places(broken)) {
        await visitor.go(place);
        await visitor.page.locator(sign).first().waitFor();
        findings.push(...(await visitor.seriousFindings()).map((finding) => `${place} ${finding}`));
      }
      expect(findings).toEqual([]);
    },
  );

  it('fits on a phone: nothing has to be pushed sideways', async () => {
    const { origin, broken } = await startTwo();
    const { page, go } = await visit(origin, '', { width: 360, height: 740 });
    for (const [place, sign] of places(broken)) {
      await go(place);
      await page.locator(sign).first().waitFor();
      const overhang = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect({ place, overhang }).toEqual({ place, overhang: 0 });
    }
  });

  it('works without a mouse', async () => {
    const { origin } = await startPage({ targets: [quickTarget('http://127.0.0.1:9/', { name: 'siem' })] });
    const { page } = await visit(origin);
    await page.getByRole('link', { name: 'siem', exact: true }).waitFor();
    const focused = () => page.evaluate('document.activeElement?.textContent?.trim() ?? ""');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    for (let presses = 0; presses < 30 && (await focused()) !== 'siem'; presses++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('siem');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'siem' }).waitFor();
  });

  it('stays responsive with 200 targets and 5,000 events a second', async ({ skip }) => {
    const receiver = await startReceiver();
    const targets = Array.from({ length: 200 }, (_, index) =>
      quickTarget(receiver.address, {
        name: `edge-${index}`,
        level: index === 0 ? 'INFO' : 'ERROR',
        batch_wait: '1s',
      }),
    );
    const { origin, logger } = await startPage({ targets });
    const visitor = await visit(origin);
    const { page } = visitor;
    await page.locator('table.targets tbody tr').nth(199).waitFor();
    const timer = setInterval(() => {
      for (let index = 0; index < 250; index++)
        logger.info('An event among many', { index, request: 'a1b2c3' });
    }, 50);
    try {
      const atAGlance = await tasksAtWork(page, 4000);
      await visitor.go('#/events');
      await page.locator('.live-row').first().waitFor();
      const live = await tasksAtWork(page, 4000);
      if (live.length === 0) skip('this browser does not tell how long its tasks are at work');
      expect(Math.max(...atAGlance)).toBeLessThan(MAX_TASK_MS);
      expect(Math.max(...live)).toBeLessThan(MAX_TASK_MS);
      expect(await page.locator('.live-row').count()).toBeLessThan(80);
    } finally {
      clearInterval(timer);
    }
  });
});
