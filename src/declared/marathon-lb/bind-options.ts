/** Which options of HAProxy's `bind` a label may set: those that can neither break a configuration nor reach out of it. */
import { show } from '../show.ts';
import { isCipherList, isSuiteList } from './ciphers.ts';
import { absolutePath } from './values.ts';

type Value = (text: string) => boolean;

const isPath: Value = (text) => absolutePath(text) !== null;
const isCount: Value = (text) => /^[1-9]\d{0,5}$/.test(text);
const oneOf =
  (...words: readonly string[]): Value =>
  (text) =>
    words.includes(text);
const isAlpn: Value = (text) => text.split(',').every(oneOf('h2', 'http/1.1', 'http/1.0'));

/** Each with the grammar of its value, or null when it takes none. */
const options: ReadonlyMap<string, Value | null> = new Map<string, Value | null>([
  ['accept-proxy', null],
  ['alpn', isAlpn],
  ['backlog', isCount],
  ['ca-file', isPath],
  ['ciphers', isCipherList],
  ['ciphersuites', isSuiteList],
  ['crl-file', isPath],
  ['crt', isPath],
  ['defer-accept', null],
  ['force-tlsv12', null],
  ['force-tlsv13', null],
  ['maxconn', isCount],
  ['no-sslv3', null],
  ['no-tls-tickets', null],
  ['no-tlsv10', null],
  ['no-tlsv11', null],
  ['prefer-client-ciphers', null],
  ['ssl', null],
  ['ssl-min-ver', oneOf('TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3')],
  ['strict-sni', null],
  ['verify', oneOf('none', 'optional', 'required')],
]);

export const bindOptionNames: string = [...options.keys()].join(', ');

/** What keeps bind options from being used, as the end of a sentence about the label. */
export interface WrongOptions {
  readonly wrong: string;
}

/**
 * The options as single words, in the order in which they are written; or what is wrong when one is unknown, has a wrong
 * value, or goes with the others so badly that HAProxy would refuse its whole configuration (`ssl` without a certificate).
 * @param hasCertificate whether another label names a certificate already
 */
export function bindOptions(text: string, hasCertificate: boolean): readonly string[] | WrongOptions {
  const words = text.split(/[ \t]+/).filter((word) => word !== '');
  const found = new Map<string, string | null>();
  for (let at = 0; at < words.length; at += 1) {
    const name = words[at] ?? '';
    const grammar = options.get(name);
    if (grammar === undefined) return { wrong: `has "${show(name, 40)}", which is none that Baton takes` };
    if (found.has(name) && name !== 'crt') return { wrong: `has "${name}" twice` };
    if (grammar !== null) at += 1;
    const value = grammar === null ? null : (words[at] ?? '');
    if (grammar !== null && !grammar(value ?? '')) {
      return {
        wrong: `has "${name}" with ${value === '' ? 'nothing after it' : `"${show(value ?? '', 40)}"`}`,
      };
    }
    found.set(name, value);
  }
  if (found.has('ssl') && !found.has('crt') && !hasCertificate)
    return { wrong: 'has "ssl" without a certificate' };
  if ((found.get('verify') ?? 'none') !== 'none' && !found.has('ca-file'))
    return { wrong: 'has "verify" without "ca-file"' };
  if (found.get('ssl-min-ver') === 'TLSv1.3' && found.has('force-tlsv12'))
    return { wrong: 'leaves no version of TLS' };
  return words;
}
