/**
 * The contenders by name. Each module exports `create({ name, port, ... })`, which returns how to `log` a record
 * and, where there is a way, how to `flush` what waits for company.
 */

export const contenders = {
  'winston-noop': () => import('./winston-noop.mjs'),
  'winston-noop-passthrough': () => import('./winston-noop.mjs'),
  'raw-http': () => import('./raw-http.mjs'),
  'forty-lines': () => import('./forty-lines.mjs'),
  'winston-http': () => import('./winston-http.mjs'),
  'winston-loki': () => import('./winston-loki.mjs'),
  logtail: () => import('./logtail.mjs'),
  axiom: () => import('./axiom.mjs'),
  opentelemetry: () => import('./opentelemetry.mjs'),
  'pino-loki': () => import('./pino-loki.mjs'),
  ours: () => import('./ours.mjs'),
  'ours-passthrough': () => import('./ours.mjs'),
  'ours-4-targets': () => import('./ours.mjs'),
  'ours-tls': () => import('./ours.mjs'),
  'ours-gzip': () => import('./ours.mjs'),
  'ours-signed': () => import('./ours.mjs'),
  'ours-spool': () => import('./ours.mjs'),
  'ours-beside-refusing': () => import('./ours.mjs'),
  'ours-beside-silent': () => import('./ours.mjs'),
};

/** What people would use instead. */
export const peers = ['winston-http', 'winston-loki', 'logtail', 'axiom', 'opentelemetry', 'pino-loki'];
