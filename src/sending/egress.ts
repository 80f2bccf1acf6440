/** Where connections may go: a guard on the address that is really used, after every look-up and for every literal. */

import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { AttemptError } from './attempt-error.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Lists of IP addresses, CIDR ranges and names of ranges: `private`, `loopback`, `link-local`, `metadata`. */
export interface EgressOptions {
  /** What may be reached though a range denies it. */
  readonly allow?: readonly string[];
  /** What may not, beside what never may unless it is allowed. */
  readonly deny?: readonly string[];
}

/** Where clouds tell a machine its credentials; some of it stands in the middle of other ranges. */
const metadata = [
  '169.254.169.254', // AWS, Azure, Google, Oracle, OpenStack, DigitalOcean
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS EKS
  'fd20:ce::254', // Google
];

const linkLocal = ['169.254.0.0/16', 'fe80::/10'];

const namedRanges: Readonly<Record<string, readonly string[]>> = {
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
  loopback: ['127.0.0.0/8', '::1/128'],
  'link-local': linkLocal,
  metadata,
};

/** Nobody sends events there: whatever credentials a machine has, and what means many machines, or this one by chance. */
const deniedByDefault = [
  ...linkLocal,
  ...metadata.filter((address) => !address.startsWith('169.254.')),
  ...['0.0.0.0/8', '::/128'], // unspecified
  ...['224.0.0.0/4', 'ff00::/8'], // multicast
  '255.255.255.255', // broadcast
];

/** The names of ranges, and what else an entry may be. */
const EXPECTED = `an IP address, a range such as \`10.0.0.0/8\`, or one of ${Object.keys(namedRanges)
  .map((name) => `\`${name}\``)
  .join(', ')}`;

/**
 * Of the ranges that an address is in, the narrowest decides; `allow` where two are as narrow. What is in none is
 * allowed.
 */
export class Egress {
  readonly #rules: readonly { readonly range: Range; readonly isAllowed: boolean }[];

  /** @throws TypeError that names the entry that is wrong */
  constructor({ allow = [], deny = [] }: EgressOptions = {}) {
    const allowed = rangesOf(allow, 'egress.allow').map((range) => ({ range, isAllowed: true }));
    const denied = rangesOf(deny, 'egress.deny').map((range) => ({ range, isAllowed: false }));
    const always = rangesOf(deniedByDefault, 'default').map((range) => ({ range, isAllowed: false }));
    this.#rules = [...allowed, ...denied, ...always].sort((a, b) => b.range[1] - a.range[1]);
  }

  /** Whether this IP address may be connected to, and all that it may stand for. What is no IP address may not. */
  allows(address: string): boolean {
    const [withoutZone = ''] = address.split('%');
    const parsed = parseAddress(withoutZone);
    return parsed !== undefined && meanings(parsed).every((each) => this.#allows(each));
  }

  /**
   * What may be connected to of a host's addresses.
   * @throws AttemptError when nothing may
   */
  filter(host: string, addresses: readonly LookupAddress[]): LookupAddress[] {
    const allowed = addresses.filter(({ address }) => this.allows(address));
    const [denied] = addresses;
    if (denied !== undefined && allowed.length === 0) throw egressDenied(host, denied.address);
    return allowed;
  }

  /** @throws AttemptError when `host` is an IP address that may not be connected to */
  checkLiteral(host: string): void {
    const [withoutZone = ''] = host.replace(/^\[(.*)\]$/, '$1').split('%');
    if (parseAddress(withoutZone) && !this.allows(withoutZone)) throw egressDenied(host, withoutZone);
  }

  #allows(address: Address): boolean {
    const bits = address.kind() === 'ipv4' ? 32 : 128;
    const rule = this.#rules.find(
      ({ range: [base, prefix] }) =>
        base.kind() === address.kind() && prefix <= bits && address.match(base as never, prefix),
    );
    return rule?.isAllowed ?? true;
  }
}

function egressDenied(host: string, address: string): AttemptError {
  const where = host === address ? address : `${host} (${address})`;
  return new AttemptError('EGRESS_DENIED', `connections to ${where} are not allowed here`, 'misconfigured');
}

function rangesOf(entries: readonly string[], name: string): Range[] {
  if (!Array.isArray(entries)) {
    throw new TypeError(`Expected \`${name}\` to be a list, got \`${String(entries)}\``);
  }
  return entries.flatMap((entry: unknown, index) => {
    const named =
      typeof entry === 'string' && Object.hasOwn(namedRanges, entry) ? namedRanges[entry] : undefined;
    const ranges = (named ?? [entry]).map((each) =>
      typeof each === 'string' ? parseRange(each) : undefined,
    );
    if (ranges.every((range) => range !== undefined)) return ranges;
    throw new TypeError(`Expected \`${name}[${index}]\` to be ${EXPECTED}, got \`${String(entry)}\``);
  });
}

function parseRange(text: string): Range | undefined {
  const [base = '', prefix, ...rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  if (prefix === undefined) return unmapped([address, bits]);
  const length = Number(prefix);
  return /^\d{1,3}$/.test(prefix) && length <= bits ? unmapped([address, length]) : undefined;
}

/** IPv4 in four decimal parts only: what else an address may look like is for whoever connects to it to make out. */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** An IPv4 range that is written as IPv6 is that IPv4 range. */
function unmapped([address, length]: Range): Range {
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= 96;
  return isMapped ? [address.toIPv4Address(), length - 96] : [address, length];
}

/** How IPv6 addresses carry IPv4 ones: where those begin, in 16-bit parts. */
const carriers: readonly { readonly range: Range; readonly part: number }[] = [
  { range: '::/96', part: 6 }, // IPv4-compatible
  { range: '::ffff:0:0:0/96', part: 6 }, // IPv4-translated
  { range: '64:ff9b::/96', part: 6 }, // NAT64
  { range: '64:ff9b:1::/48', part: 6 }, // NAT64 of a network's own, as it is mostly laid out
  { range: '2002::/16', part: 1 }, // 6to4
].map(({ range, part }) => ({ range: ipaddr.IPv6.parseCIDR(range), part }));

const teredo = ipaddr.IPv6.parseCIDR('2001::/32');

/** All that a connection to an address could end up at. */
function meanings(address: Address): Address[] {
  if (!(address instanceof ipaddr.IPv6)) return [address];
  if (address.isIPv4MappedAddress()) return [address.toIPv4Address()];
  const { parts } = address;
  const ipv4 = (high = 0, low = 0) => new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  // `::` and `::1` are themselves, no matter that they look like 0.0.0.0 and 0.0.0.1.
  const isItself = parts.slice(0, 7).every((part) => part === 0) && (parts[7] ?? 0) <= 1;
  const carried = isItself
    ? []
    : carriers
        .filter(({ range }) => address.match(range as [ipaddr.IPv6, number]))
        .map(({ part }) => ipv4(parts[part], parts[part + 1]));
  // Teredo: the server, and the client with its bits turned; ISATAP: 0:5efe before the last 32 bits.
  const tunnelled = address.match(teredo)
    ? [ipv4(parts[2], parts[3]), ipv4((parts[6] ?? 0) ^ 0xffff, (parts[7] ?? 0) ^ 0xffff)]
    : [];
  const isatap = parts[5] === 0x5efe && ((parts[4] ?? 0) & 0xfdff) === 0 ? [ipv4(parts[6], parts[7])] : [];
  return [address, ...carried, ...tunnelled, ...isatap];
}
