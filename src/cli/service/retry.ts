/** `log-targets retry`: a target tries now what it would try later. */

import { print, printJson } from '../terminal.js';
import { Service, type ServiceOptions, targetPath } from './service.js';

/** Whether it succeeds, `status` and `attempts` tell. */
export async function retry(name: string, options: ServiceOptions): Promise<void> {
  const { metadata } = await new Service(options).request('POST', targetPath(name, '/retry'));
  if (options.json) printJson(metadata);
  else print(`${name} tries again now.`);
}
