/** What each key of the settings does, for the JSON Schema; the types say the same, with the defaults. */

import type { LogTargetSettings, SystemSettings } from './schema.js';

/** Keys of a log target. */
export const targetDescriptions: { readonly [Key in keyof LogTargetSettings]: string } = {
  name: 'Name of the target, unique: queue, status and masked secrets belong to it. At most 64 bytes, an ASCII letter or digit at both ends, no white space, quotes, slashes or any of $ ? & + *.',
  type: 'How events are sent.',
  level:
    'Least severe logging event to send, in any letter case. Lifecycle and operation events pass whatever the level.',
  address: 'URL to send to, `http:` or `https:`, without user name and password.',
  username: 'User name of HTTP basic authentication.',
  password: 'Password of HTTP basic authentication.',
  ca_cert:
    "PEM of certificates that are trusted in addition to the system's; a server's own certificate is pinned.",
  retry_count:
    'Attempts in a round, at least 1; after a round that failed the target is down, and probed at growing intervals.',
  retry_timeout:
    'Go duration to wait between the attempts of a round, give or take a fifth, and never less than 100 ms.',
  scopes: 'Types of events to send.',
  enabled: 'Whether events are sent and accepted; a queue is kept either way.',
  concurrency: 'Requests in flight at a time, 1 to 256; above 1 order is not kept.',
  lifecycle_actions: 'Actions of lifecycle events to send, as globs of `*` and `?`. None: all.',
  lifecycle_projects:
    'Projects of lifecycle and operation events to send; those without a project pass. None: all.',
  event_format: 'How an event is written.',
  format_options: 'What `event_format` needs beside the event.',
  body_format: 'A JSON array of events, a line for each, or one bare event a request.',
  batch_size: 'Most events in a body, at least 1.',
  batch_bytes: 'Most bytes in a body before compression, 256 to 67108864; a larger event is cut down to fit.',
  batch_wait: 'Go duration that a first event waits for company at most; `0s`: not at all.',
  timeout: 'Go duration that one attempt may take, from connecting to the status line.',
  compression: 'How bodies are compressed.',
  headers: 'Extra request headers.',
  bearer_token: 'Token that is sent instead of basic authentication.',
  auth_scheme: 'The word before `bearer_token`, such as `Splunk` or `ApiKey`.',
  signing_secrets:
    'Secrets of Standard Webhooks (`whsec_` and base64 of 24 to 64 bytes); each request is signed with each of them.',
  client_cert: 'PEM of the certificate for mutual TLS.',
  client_key: 'PEM of the private key of `client_cert`, without passphrase.',
  tls_min_version: 'Lowest version of TLS.',
  proxy: "URL of a proxy, or `direct` for none; empty: as the transport's `proxy` says.",
  proxy_username: 'User name of basic authentication at the proxy.',
  proxy_password: 'Password of basic authentication at the proxy.',
  password_file: "File in the transport's `secretsDirectory` that holds `password`.",
  bearer_token_file: "File in the transport's `secretsDirectory` that holds `bearer_token`.",
  client_key_file: "File in the transport's `secretsDirectory` that holds `client_key`.",
  signing_secrets_file:
    "File in the transport's `secretsDirectory` that holds `signing_secrets`, one a line.",
};

/** Keys of the settings as a whole. */
export const settingsDescriptions: { readonly [Key in keyof SystemSettings]: string } = {
  sync_interval: 'For the service itself: a Go duration of more than one second.',
  disable_auto_sync: 'For the service itself.',
  log_level:
    'Level of the loggers that the transport is added to, in any letter case; targets have their own.',
  log_targets: 'Where events are sent.',
};
