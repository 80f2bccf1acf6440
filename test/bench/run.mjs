/** The benchmark: runs cases and contenders in turn, and prints Markdown. `npm run bench -- --help` tells how. */

import os from 'node:os';
import { cases } from './cases.mjs';
import { Child } from './child.mjs';
import { contenders } from './contenders/index.mjs';
import { figuresTable, passthroughTable } from './figures.mjs';
import { installPeers, peerVersions } from './install.mjs';
import { measure } from './measure.mjs';
import { caseTable, ratioTable } from './tables.mjs';

const names = process.argv.slice(2);
const isCase = (name) => cases.some((each) => each.name === name);
const unknown = names.filter((name) => !isCase(name) && !(name in contenders));

if (unknown.length > 0) {
  const isHelp = unknown.every((name) => name === '--help');
  if (!isHelp) console.error(`Unknown: ${unknown.join(' ')}\n`);
  console.log(`Usage: npm run bench                   everything, in less than ten minutes
       npm run bench -- NAME...        only these cases, of these contenders
       BENCH_ROUNDS=n npm run bench    n rounds of everything

Cases: ${cases.map(({ name }) => name).join(', ')}
Contenders: ${Object.keys(contenders).join(', ')}`);
  process.exit(isHelp ? 0 : 1);
}

const wantedCases = names.filter(isCase);
const wantedContenders = names.filter((name) => name in contenders);
const selected = cases
  .filter(({ name }) => wantedCases.length === 0 || wantedCases.includes(name))
  .map((each) => ({
    ...each,
    contenders: each.contenders.filter(
      (name) => wantedContenders.length === 0 || wantedContenders.includes(name),
    ),
  }))
  .filter((each) => each.contenders.length > 0);

/** Contenders take turns within a round. */
async function runCase(receiver, addresses, each) {
  const fixed = Number(process.env.BENCH_ROUNDS) || undefined;
  const roundsOf = (name) => {
    const isOurs = name.startsWith('ours') || name.startsWith('winston-noop');
    return fixed ?? (isOurs ? each.rounds : (each.peerRounds ?? each.rounds));
  };
  const results = Object.fromEntries(each.contenders.map((name) => [name, []]));
  for (let round = 0; round < (fixed ?? each.rounds); round++) {
    for (const name of each.contenders) {
      if (round >= roundsOf(name)) continue;
      const figures = await measure(receiver, addresses, name, each).catch((error) => {
        console.error(`${name}: ${error.message}`);
      });
      results[name][round] = figures;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.error(`${seconds} s: ${each.name}, round ${round + 1}, ${name}`);
    }
  }
  return results;
}

const startedAt = performance.now();
installPeers();
const receiver = new Child('receiver.mjs');
const addresses = await receiver.next();
const [cpu] = os.cpus();
const date = new Date().toISOString().slice(0, 10);
console.log(
  `${date}, Node ${process.version}, ${os.cpus().length} cores (${cpu.model.trim()})\n${peerVersions().join(', ')}`,
);
console.log('\nMedian (minimum-maximum) of the rounds.');

const results = {};
for (const each of selected) {
  results[each.name] = await runCase(receiver, addresses, each);
  console.log(`\n## ${each.name}: ${each.title}\n\n${caseTable(each, results[each.name])}`);
  if (each.note) console.log(`\n${each.note}`);
}
await receiver.end();

if (results.burst) console.log(`\n## Ratios in the burst, round by round\n\n${ratioTable(results.burst)}`);
const passthrough = passthroughTable(results);
if (passthrough) console.log(`\n## A pass-through format\n\n${passthrough}`);
const figures = figuresTable(results);
if (figures) console.log(`\n## Figures\n\n${figures}`);
console.log(`\nThe whole run took ${Math.round((performance.now() - startedAt) / 1000)} s.`);
