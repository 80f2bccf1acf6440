/** Results as Markdown. */

import { ratioOf, spreadOf } from './statistics.mjs';

/** The figures: heading and number of decimals. */
const columns = {
  nsPerCall: ['ns per log call', 0],
  cpuNsPerEvent: ['CPU ns per event', 0],
  perSecond: ['delivered events/s', 0],
  lost: ['lost', 0],
  doubled: ['doubled', 0],
  outOfOrder: ['out of order', 0],
  requests: ['requests', 0],
  memoryMb: ['peak memory over baseline, MB', 0],
  growth: ['peak of second half / first', 2],
  delayMs: ['event-loop delay p99, ms', 2],
  auditUs: ['an awaited lifecycle(), us', 0],
  auditP99Us: ['its p99, us', 0],
  recoveryMs: ['backlog delivered after the return, ms', 0],
};

/** @returns {string} `median (minimum-maximum)` */
export function formatSpread(spread, digits) {
  if (spread === undefined) return '-';
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return min === max ? median : `${median} (${min}-${max})`;
}

/** @param {string[][]} rows the first one is the head */
export function formatTable([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {Record<string, Record<string, number>[]>} results of one case, by contender */
export function caseTable({ columns: keys }, results) {
  const rows = Object.entries(results).map(([name, rounds]) => [
    name,
    ...keys.map((key) => formatSpread(spreadOf(rounds.map((figures) => figures?.[key])), columns[key][1])),
  ]);
  return formatTable([['', ...keys.map((key) => columns[key][0])], ...rows]);
}

/** What each contender of the burst takes, against the floor and against ours. */
export function ratioTable(results) {
  const { 'winston-noop': floor, ours } = results;
  const rows = Object.entries(results).map(([name, rounds]) => [
    name,
    formatSpread(ratioOf(rounds, floor, 'nsPerCall'), 2),
    formatSpread(ratioOf(rounds, floor, 'cpuNsPerEvent'), 2),
    formatSpread(ratioOf(ours, rounds, 'perSecond'), 2),
    formatSpread(ratioOf(ours, rounds, 'memoryMb'), 2),
  ]);
  const head = ['', 'log call / no-op', 'CPU per event / no-op', 'ours / it, events/s', 'ours / it, memory'];
  return formatTable([head, ...rows]);
}
