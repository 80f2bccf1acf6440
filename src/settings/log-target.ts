/** Settings as people write them down: what differs from the defaults. */

import type { BodyFormat } from '../formats/envelope.js';
import type { EventFormat, FormatOptionsInput } from '../formats/table.js';
import type { EventType } from '../model/event.js';
import type { LevelInput } from '../model/level.js';

/**
 * A log target as it is written down: `name` and `address`, and whatever differs from the defaults. `null` and
 * `undefined` mean the default; in files and over the API so do `""`, `0` and `[]`. `Custom`: names of formats that are
 * not built in.
 */
export interface LogTarget<Custom extends string = never> {
  /**
   * Name of the target, unique: queue, status and masked secrets belong to it. At most 64 bytes, an ASCII letter or
   * digit at both ends, no white space, quotes, slashes or any of $ ? & + *.
   */
  readonly name: string;
  /** How events are sent. Default: `webhook`. */
  readonly type?: 'webhook' | null | undefined;
  /**
   * Least severe logging event to send, in any letter case. Lifecycle and operation events pass whatever the
   * level. Default: `WARN`.
   */
  readonly level?: LevelInput | null | undefined;
  /** URL to send to, `http:` or `https:`, without user name and password. */
  readonly address: string;
  /** User name of HTTP basic authentication. Default: `""`. */
  readonly username?: string | null | undefined;
  /** Password of HTTP basic authentication. Default: `""`. */
  readonly password?: string | null | undefined;
  /**
   * PEM of certificates that are trusted in addition to the system's; a server's own certificate is pinned.
   * Default: `""`.
   */
  readonly ca_cert?: string | null | undefined;
  /**
   * Attempts in a round, at least 1; after a round that failed the target is down, and probed at growing intervals. Default:
   * `3`.
   */
  readonly retry_count?: number | null | undefined;
  /**
   * Go duration to wait between the attempts of a round, give or take a fifth, and never less than 100 ms.
   * Default: `10s`.
   */
  readonly retry_timeout?: string | null | undefined;
  /** Types of events to send. Default: `["lifecycle","logging"]`. */
  readonly scopes?: readonly EventType[] | null | undefined;
  /** Whether events are sent and accepted; a queue is kept either way. Default: `true`. */
  readonly enabled?: boolean | null | undefined;
  /** Requests in flight at a time, 1 to 256; above 1 order is not kept. Default: `1`. */
  readonly concurrency?: number | null | undefined;
  /** Actions of lifecycle events to send, as globs of `*` and `?`. None: all. Default: `[]`. */
  readonly lifecycle_actions?: readonly string[] | null | undefined;
  /** Projects of lifecycle and operation events to send; those without a project pass. None: all. Default: `[]`. */
  readonly lifecycle_projects?: readonly string[] | null | undefined;
  /** How an event is written. Default: `migration-manager`. */
  readonly event_format?: EventFormat | Custom | null | undefined;
  /** What `event_format` needs beside the event. Default: `{}`. */
  readonly format_options?:
    | FormatOptionsInput
    | ([Custom] extends [never] ? never : Readonly<Record<string, unknown>>)
    | null
    | undefined;
  /** A JSON array of events, a line for each, or one bare event a request. Default: `array`. */
  readonly body_format?: BodyFormat | null | undefined;
  /** Most events in a body, at least 1. Default: `5000`. */
  readonly batch_size?: number | null | undefined;
  /** Most bytes in a body before compression, 256 to 67108864; a larger event is cut down to fit. Default: `1048576`. */
  readonly batch_bytes?: number | null | undefined;
  /** Go duration that a first event waits for company at most; `0s`: not at all. Default: `200ms`. */
  readonly batch_wait?: string | null | undefined;
  /** Go duration that one attempt may take, from connecting to the status line. Default: `15s`. */
  readonly timeout?: string | null | undefined;
  /** How bodies are compressed. Default: `none`. */
  readonly compression?: 'none' | 'gzip' | null | undefined;
  /** Extra request headers. Default: `{}`. */
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  /** Token that is sent instead of basic authentication. Default: `""`. */
  readonly bearer_token?: string | null | undefined;
  /** The word before `bearer_token`, such as `Splunk` or `ApiKey`. Default: `Bearer`. */
  readonly auth_scheme?: string | null | undefined;
  /**
   * Secrets of Standard Webhooks (`whsec_` and base64 of 24 to 64 bytes); each request is signed with each of them.
   * Default: `[]`.
   */
  readonly signing_secrets?: readonly string[] | null | undefined;
  /** PEM of the certificate for mutual TLS. Default: `""`. */
  readonly client_cert?: string | null | undefined;
  /** PEM of the private key of `client_cert`, without passphrase. Default: `""`. */
  readonly client_key?: string | null | undefined;
  /** Lowest version of TLS. Default: `TLSv1.2`. */
  readonly tls_min_version?: 'TLSv1.2' | 'TLSv1.3' | null | undefined;
  /** URL of a proxy, or `direct` for none; empty: as the transport's `proxy` says. Default: `""`. */
  readonly proxy?: string | null | undefined;
  /** User name of basic authentication at the proxy. Default: `""`. */
  readonly proxy_username?: string | null | undefined;
  /** Password of basic authentication at the proxy. Default: `""`. */
  readonly proxy_password?: string | null | undefined;
  /** File in the transport's `secretsDirectory` that holds `password`. Default: `""`. */
  readonly password_file?: string | null | undefined;
  /** File in the transport's `secretsDirectory` that holds `bearer_token`. Default: `""`. */
  readonly bearer_token_file?: string | null | undefined;
  /** File in the transport's `secretsDirectory` that holds `client_key`. Default: `""`. */
  readonly client_key_file?: string | null | undefined;
  /** File in the transport's `secretsDirectory` that holds `signing_secrets`, one a line. Default: `""`. */
  readonly signing_secrets_file?: string | null | undefined;
}

/** Settings as they are written down: what differs from the defaults. `null` and `undefined` mean the default. */
export interface SystemSettingsInput {
  /** For the service itself: a Go duration of more than one second. Default: `10m0s`. */
  readonly sync_interval?: string | null | undefined;
  /** For the service itself. Default: `false`. */
  readonly disable_auto_sync?: boolean | null | undefined;
  /**
   * Level of the loggers that the transport is added to, in any letter case; targets have their own. Default:
   * `WARN`.
   */
  readonly log_level?: LevelInput | null | undefined;
  /** Where events are sent. Default: `[]`. */
  readonly log_targets?: readonly LogTarget<string & {}>[] | null | undefined;
}
