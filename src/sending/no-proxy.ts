/** The environment's proxies: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case, as Go and curl read them. */

import ipaddr from 'ipaddr.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment has for this URL, as it is written there; `undefined`: none. */
export function proxyFromEnvironment(url: URL, environment: Environment): string | undefined {
  if (isExempt(url, read(environment, 'no_proxy'))) return undefined;
  if (url.protocol === 'https:') return read(environment, 'https_proxy');
  // In a CGI script, HTTP_PROXY is a header `Proxy` that anybody can send.
  return environment.REQUEST_METHOD === undefined ? read(environment, 'http_proxy') : environment.http_proxy;
}

function read(environment: Environment, name: string): string | undefined {
  return environment[name] || environment[name.toUpperCase()] || undefined;
}

/**
 * Whether `NO_PROXY` names this URL: `*`; an IP address or a range of them; a domain, which means its subdomains
 * too; with a dot before it those alone. Each with or without a port.
 */
function isExempt(url: URL, noProxy = ''): boolean {
  const host = url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, bracketed, bare, wantedPort] = /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      return matches(host, bracketed ?? bare ?? entry);
    });
}

function matches(host: string, pattern: string): boolean {
  if (ipaddr.isValid(host)) {
    const address = ipaddr.process(host);
    if (ipaddr.isValidCIDR(pattern)) {
      const [base, length] = ipaddr.parseCIDR(pattern);
      return base.kind() === address.kind() && address.match(base as never, length);
    }
    return ipaddr.isValid(pattern) && ipaddr.process(pattern).toString() === address.toString();
  }
  const domain = pattern.replace(/^\*?\./, '').replace(/\.$/, '');
  if (domain === '') return false;
  return (
    host.endsWith(`.${domain}`) || (host === domain && domain.length >= pattern.replace(/\.$/, '').length)
  );
}
