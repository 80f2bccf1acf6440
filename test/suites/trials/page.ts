/** The page whose samples are tried, with the address of a receiver in place of the page's own. */

import { readPage, replaced } from '../../helpers/samples.js';

const { text, fences, sample } = readPage('docs/getting-started.md');
const taken = new Set<string>();

/** The sample that holds `wanted`, as it stands on the page. */
export function sampleOf(wanted: string, language = 'js'): string {
  const code = sample(wanted, language);
  taken.add(code);
  return code;
}

/** The same, as it sends to `address`. */
export function sampleTo(address: string, wanted: string, language = 'js'): string {
  return replaced(sampleOf(wanted, language), { 'http://127.0.0.1:8099/1.0/log': address });
}

/** The sample that follows the name of a file. */
export function fileOf(name: string): string {
  const [, rest] = text.split(`\n\`${name}\`:\n\n\`\`\`js\n`);
  if (rest === undefined) throw new Error(`The page shows no ${name}`);
  const code = rest.slice(0, rest.indexOf('\n```') + 1);
  taken.add(code);
  return code;
}

/** What no trial has asked for so far. */
export function untried(): string[] {
  return fences.map(({ code }) => code).filter((code) => !taken.has(code));
}
