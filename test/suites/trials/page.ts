/** The page whose samples are tried, with the address of a receiver in place of the page's own. */

import { readPage, replaced } from '../../helpers/samples.js';

export const page = readPage('docs/getting-started.md');

/** The sample that holds `text`, as it sends to `address`. */
export function sampleTo(address: string, text: string, language = 'js'): string {
  return replaced(page.sample(text, language), { 'http://127.0.0.1:8099/1.0/log': address });
}

/** The first file whose sample follows its name on the page. */
export function fileOf(name: string): string {
  const [, code] = page.text.split(`\n\`${name}\`:\n\n\`\`\`js\n`);
  if (code === undefined) throw new Error(`The page shows no ${name}`);
  return code.slice(0, code.indexOf('\n```') + 1);
}
