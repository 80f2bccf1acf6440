/** The package itself, as it was built, in its variants. */

import { EventTransport } from '../../../dist/index.js';
import { logWith } from './logger.mjs';

/** A target at its defaults, but for the level and for trying again each second, which only an outage shows. */
function target(name, address, more) {
  return { name, address, level: 'INFO', retry_count: 10, retry_timeout: '1s', ...more };
}

const one = ({ port }, more) => ({ targets: [target('live', `http://127.0.0.1:${port}/live`, more)] });
const beside = (options, port) => ({
  targets: [...one(options).targets, target('dead', `http://127.0.0.1:${port}/dead`)],
});

/** Options of the transport. `directory` is an empty one, for this process alone. */
const variants = {
  ours: one,
  'ours-passthrough': one,
  'ours-4-targets': ({ port }) => ({
    targets: [1, 2, 3, 4].map((number) => target(`t${number}`, `http://127.0.0.1:${port}/${number}`)),
  }),
  'ours-tls': ({ tlsPort, cert }) => ({
    targets: [target('tls', `https://127.0.0.1:${tlsPort}/tls`, { ca_cert: cert })],
  }),
  'ours-gzip': (options) => one(options, { compression: 'gzip' }),
  'ours-signed': (options) =>
    one(options, { signing_secrets: [`whsec_${Buffer.alloc(32, 'secret').toString('base64')}`] }),
  'ours-spool': (options) => ({ ...one(options), spool: { directory: options.directory } }),
  'ours-beside-refusing': (options) => beside(options, options.refusingPort),
  'ours-beside-silent': (options) => beside(options, options.silentPort),
};

export function create(options) {
  const transport = new EventTransport(variants[options.name](options));
  return {
    log: logWith(transport, options),
    audit: (seq) => transport.lifecycle('record-audited', { context: { field: `seq=${seq}` } }),
    // Not with a dead target, which it would wait for.
    ...(!options.name.includes('-beside-') && { flush: () => transport.flush() }),
    targets: options.name === 'ours-4-targets' ? 4 : 1,
  };
}
