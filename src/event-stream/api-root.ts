/** What LXD's and Incus's clients want to know of a server before they talk to it. */

import type { Requestor } from '../model/requestor.js';

/**
 * The answer to `GET /1.0`. There are no API extensions: clients then ask for nothing but the basics.
 * @param client who asks; `undefined` for somebody who may not listen
 */
export function describeServer(client: Requestor | undefined): object {
  return {
    config: {},
    api_extensions: [],
    api_status: 'stable',
    api_version: '1.0',
    auth: client === undefined ? 'untrusted' : 'trusted',
    public: false,
    auth_methods: ['tls'],
    ...(client && { auth_user_name: client.username, auth_user_method: client.protocol }),
    environment: { server: 'winston-log-targets', project: 'default' },
  };
}
