/** What must hold of the configuration of any target: HAProxy takes it, and all of it is the renderer's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createAclChecks } from '../../../src/dataplane/haproxy/acl-checks.ts';
import { findBinary, validate } from '../../../src/dataplane/haproxy/binary.ts';
import { createDisk, mapTexts, serviceText } from '../../../src/dataplane/haproxy/disk.ts';
import {
  certificateListFile,
  conditionsOf,
  type Frontend,
  frontendsOf,
} from '../../../src/dataplane/haproxy/frontends.ts';
import { layoutIn, mapNames } from '../../../src/dataplane/haproxy/layout.ts';
import { mapsOf } from '../../../src/dataplane/haproxy/maps.ts';
import { merge } from '../../../src/dataplane/haproxy/merge.ts';
import { namesFor, namesIn, noNames } from '../../../src/dataplane/haproxy/names.ts';
import { poolsOf } from '../../../src/dataplane/haproxy/plane.ts';
import { renderGlobal, settingsFrom, sizesFor } from '../../../src/dataplane/haproxy/render-global.ts';
import { settle } from '../../../src/dataplane/haproxy/settle.ts';
import { parseNotes } from '../../../src/dataplane/haproxy/notes.ts';
import type { Service, Services } from '../../../src/dataplane/haproxy/state.ts';
import { createTemplateChecks } from '../../../src/dataplane/haproxy/template-checks.ts';
import { createTlsFiles, type TlsFiles } from '../../../src/dataplane/haproxy/tls-files.ts';
import { readTarget } from '../../../src/dataplane/haproxy/wanted.ts';
import type { ServiceTarget } from '../../../src/plan/target.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { randomTarget } from './random-targets.ts';

/** So many cases stand in one configuration, because starting HAProxy is what takes time. */
const together = 50;

/** How often something stood in a configuration. */
export interface Rendered {
  readonly services: number;
  readonly listeners: number;
  readonly rules: number;
}

/** Renders so many random targets. Throws, with the seed, where one does not hold. */
export async function assertRendered(cases: number): Promise<Rendered> {
  const seed = Date.now() % 2 ** 31;
  const certificates = makeCertificates();
  const dir = await mkdtemp(join(tmpdir(), 'b-'));
  const rendered = { services: 0, listeners: 0, rules: 0 };
  try {
    const samples = fc.sample(randomTarget(certificates.pair('a.example')), { numRuns: cases, seed });
    const layout = layoutIn(dir);
    const disk = createDisk(layout);
    const binary = await findBinary(null);
    await disk.load();
    for (let at = 0; at < cases; at += together) {
      const targets = samples.slice(at, at + together);
      const tls = createTlsFiles([], () => ({ binary, layout }));
      await tls.look(
        targets.flatMap(({ listeners }) => listeners),
        AbortSignal.timeout(60_000),
      );
      const services = servicesOf(targets, tls);
      const texts = textsOf(services);
      for (const service of services.values()) {
        rendered.services++;
        rendered.listeners += service.listeners.length;
        const [file, text] = serviceText(service.name, service);
        texts.set(file, text);
        rendered.rules += assertOwn(service, text ?? '', seed);
        expect(parseNotes(text ?? ''), `seed ${seed}`).toEqual(service);
      }
      const strays = [
        ...disk.lists().map((file) => [file, null] as const),
        ...disk.strays(new Set(services.keys())),
      ];
      await disk.write(new Map([...strays, ...texts]));
      const complaint = await validate(
        binary,
        layout.dir,
        ['global.cfg', 'services/'],
        AbortSignal.timeout(60_000),
      );
      expect(complaint, `seed ${seed}`).toBeNull();
    }
  } finally {
    certificates.remove();
    await rm(dir, { recursive: true, force: true });
  }
  return rendered;
}

/** All files except those of single services. */
function textsOf(services: Services): Map<string, string | null> {
  const maps = mapsOf([...services.values()], { bind: '*', appIds: { host: '*', port: 1 } });
  for (const content of Object.values(maps)) {
    for (const [key, value] of content) expect(`${key} ${value}`).toMatch(/^[!-~]+ [!-~]+$/);
  }
  const frontends = [...frontendsOf(services.values(), '*').values()].map(({ frontend }) => frontend);
  const sizes = sizesFor(poolsOf(services), services.size, { pools: 0, services: 0 });
  const shape = {
    frontends,
    ...sizes,
    names: namesFor(services.values(), noNames),
    conditions: conditionsOf(services.values(), '*'),
    settings: settingsFrom({ stateDir: '', bind: '*', mode: 'bound', binary: null, hardStopAfterMs: 1_000 }),
    connections: 1_000,
  };
  const global = renderGlobal(shape);
  for (const line of global.split('\n')) expect(line).toMatch(/^[ -~]*$/);
  expect(namesIn(global)).toEqual(shape.names);
  // Three rules for each name of a header or cookie, and one for each service, in every frontend.
  const rules = global
    .split('\n')
    .filter((line) => /^ {2}http-request set-var\(txn\.(?:match|client)\) /.test(line));
  const speakHttp = frontends.filter(({ mode }) => mode === 'http').length;
  expect(rules.length).toBe(speakHttp * (shape.names.matches.length + shape.names.affine.length));
  assertConditions(global, frontends, shape.conditions);
  // Whatever the services say, there is one bind line for each frontend.
  const plain = renderGlobal({ ...shape, frontends: [] }).split('\n');
  const binds = global.split('\n').filter((line) => line.startsWith('  bind ')).length;
  expect(binds - plain.filter((line) => line.startsWith('  bind ')).length).toBe(frontends.length);
  return new Map<string, string | null>([
    ...mapTexts(maps, mapNames),
    ['global.cfg', global],
    ...frontends.flatMap(({ key, certificates }) =>
      certificates === null ? [] : [[certificateListFile(key), `${certificates.join('\n')}\n`] as const],
    ),
  ]);
}

const word = String.raw`(?:[\w-]|\\x[\da-f]{2})+`;
const fetch = String.raw`req\.(?:fhdr|cook)\(${word}\)`;
const term = String.raw`(?: !?(?:chosen|met|asks-\d+|is-[\da-f]{16}|true-c\d+))+`;
const ofConditions: readonly RegExp[] = [
  /^acl met var\(txn\.met\) -m found$/,
  /^acl asks-\d+ var\(txn\.service\) -m str -- [\w.-]+$/,
  /^acl true-(c\d+) var\(txn\.\1\) -m bool$/,
  new RegExp(String.raw`^acl is-[\da-f]{16} req\.hdr\(host\),host_only -m str -i -- ${word}$`),
  new RegExp(String.raw`^acl is-[\da-f]{16} (?:req\.fhdr\(User-Agent\)|${fetch}) -m sub -- ${word}$`),
  new RegExp(String.raw`^acl is-[\da-f]{16} ${fetch} -m found$`),
  new RegExp(String.raw`^http-request set-var\(txn\.c\d+\) bool\(true\) if${term}$`),
  new RegExp(
    String.raw`^http-request set-var\(txn\.met\) str\(([\w./-]+)\) if${term} \{ str\(\1\),map_str\(maps/conditions\.map\) -m found \}$`,
  ),
];

/** One rule decides for each condition in each frontend, and nothing of a condition stands anywhere else. */
function assertConditions(
  global: string,
  frontends: readonly Frontend[],
  conditions: ReturnType<typeof conditionsOf>,
): void {
  const lines = global.split('\n').map((line) => line.trim());
  const about = lines.filter((line) =>
    /^acl (?:met|asks|is|true)\b|^http-request set-var\(txn\.(?:c\d|met\b)/.test(line),
  );
  expect(about.filter((line) => !ofConditions.some((own) => own.test(line)))).toEqual([]);
  const decide = about.filter((line) => line.startsWith('http-request set-var(txn.met) '));
  const asked = frontends
    .filter(({ mode }) => mode === 'http')
    .flatMap(({ key }) => conditions.get(key) ?? [])
    .flatMap((each) => each.conditions);
  expect(decide.length).toBe(asked.length);
}

/** What the renderer writes into a service's file; anything else has come in from outside. */
const ownLines: readonly RegExp[] = [
  /^$/,
  /^# Written by Baton for [\w.-]+\. Changes made here are overwritten\.$/,
  /^#: \{.*\}$/,
  /^userlist [\w.-]+$/,
  /^ {2}user [\w.@+-]+ password [\w./$=]+$/,
  /^backend [\w.-]+:[a-z]{1,3}(?: from :checked-by-http)?$/,
  /^ {2}mode (?:http|tcp)$/,
  /^ {2}balance (?:roundrobin|leastconn|source)$/,
  /^ {2}hash-type consistent$/,
  /^ {2}option httpchk$/,
  /^ {2}http-check set-var\(check\.server\) srv_name$/,
  /^ {2}http-check send meth GET uri-lf "%\[be_name,concat\(\/,check\.server\),map_str\(maps\/checks\.map,\/\)\]" ver HTTP\/1\.1 hdr Host [\w.-]+ hdr User-Agent baton-check$/,
  /^ {2}http-check expect status 200-399$/,
  /^ {2}acl again var\(txn\.hop\) -m found$/,
  /^ {2}acl allowed (?:always_false|src(?: [\da-fA-F.:/]+){1,20})$/,
  /^ {2}(?:http-request deny deny_status 403|tcp-request content reject) if !again !allowed$/,
  /^ {2}http-request redirect code 301 location 'https:\/\/%\[var\(txn\.host\)\]%\[pathq\]' if !again !\{ var\(txn\.secure\) -m bool \} \{ var\(txn\.named\) -m bool \}$/,
  /^ {2}http-after-response set-header Strict-Transport-Security max-age=15768000 if \{ var\(txn\.secure\) -m bool \}$/,
  /^ {2}http-request set-var\(txn\.secure\) bool\(true\) if \{ req\.hdr\(X-Forwarded-Proto\) -i https \}$/,
  /^ {2}http-request auth realm [\w.@+-]+ if !again !\{ http_auth\([\w.-]+\) \}$/,
  /^ {2}http-request redirect code 301 location '\/[\w/.~@:+=-]*' if !again \{ path \/ \}$/,
  /^ {2}http-request replace-path '\^[\w/.~@:+=[\]-]*\(\/\(\.\*\)\)\?\$' '\/\\2' if !again$/,
  /^ {2}http-response set-var\(txn\.to\) res\.fhdr\(location\),field\(3,\/\),host_only,lower if !again$/,
  /^ {2}http-response replace-header Location '[^']+' '[\w/.~@:+=-]*\\1' if !again(?: \{ var\(txn\.to\),strcmp\(txn\.host\) eq 0 \})?$/,
  /^ {2}use-server %\[var\(txn\.server\)\] if \{ var\(txn\.server\) -m found \}$/,
  /^ {2}http-request (?:replace|del)-header Cookie [^\n]* ?if !again(?: \{ req\.fhdr\(Cookie\) -m len 0 \})?$/,
  /^ {2}acl away srv_name -m str :failover$/,
  /^ {2}acl led var\(txn\.(?:kept\) -m found|matched\) -m found|only\) -m len gt 0)$/,
  /^ {2}http-response set-var\(txn\.mine\) be_name,map_str\(maps\/affinity\.map\) if !again !away !led$/,
  /^ {2}http-response add-header Set-Cookie 'baton_[\da-f]{12}=%\[var\(txn\.mine\)\]; Path=\/; HttpOnly; SameSite=Lax(?:; Secure)?' if \{ var\(txn\.mine\) -m found \} !?\{ ssl_fc \}$/,
  /^ {2}http-response add-header Cache-Control private if \{ var\(txn\.mine\) -m found \} !\{ res\.fhdr\(Cache-Control\) -m sub private \}$/,
  /^ {2}acl stays srv_name,strcmp\(txn\.server\) eq 0$/,
  /^ {2}acl elsewhere srv_name -m str :failover$/,
  /^ {2}http-response add-header Set-Cookie 'mesosphere_server_id=[a-z]{1,3}\.%\[srv_name\]; path=\/' if !again !stays !elsewhere$/,
  /^ {2}http-response add-header Cache-Control private if !again !stays !elsewhere$/,
  /^ {2}server [\w.-]+ [\d.:a-fA-F[\]]+:\d+ weight (?:100|0) check(?: port \d+)? inter \d+ms fastinter \d+ms downinter \d+ms fall \d+ rise 1 observe layer4 error-limit 1 on-error mark-down$/,
  /^ {2}server :failover unix@(?:tcp-)?failover\.sock backup pool-max-conn 0 send-proxy-v2 proxy-v2-options unique-id$/,
];

/** Returns how many lines are rules. */
function assertOwn(service: Service, text: string, seed: number): number {
  const lines = text.split('\n');
  const foreign = lines.filter((line) => !ownLines.some((own) => own.test(line)));
  expect(foreign, `seed ${seed}`).toEqual([]);
  const sections = lines.filter((line) => line.startsWith('backend '));
  expect(sections, `seed ${seed}`).toEqual(
    service.slots.map(
      ({ slot, checkKind, templates }) =>
        `backend ${service.name}:${slot}${checkKind === 'http' && templates.length === 0 ? ' from :checked-by-http' : ''}`,
    ),
  );
  return lines.filter((line) => line.includes('!again')).length;
}

/** As after an apply: every endpoint in its slot. */
function servicesOf(targets: readonly ServiceTarget[], tls: TlsFiles): Services {
  const addresses = new Map([['agent.example', '192.0.2.1']]);
  for (const each of targets) {
    for (const pool of each.pools) {
      for (const { host } of pool.endpoints) if (isIP(host) !== 0) addresses.set(host, host);
    }
  }
  const reading = readTarget(
    targets,
    addresses,
    { problemOf: tls.problemOf, untimelyOf: () => null, hasCertificate: false },
    createTemplateChecks(() => null),
    createAclChecks(() => null),
  );
  const { services: wanted } = settle(reading.services, new Map(), null, '*');
  const { services } = merge(new Map(), wanted, 2, null);
  const filled = new Map<string, Service>();
  for (const [name, service] of services) {
    const slots = service.slots.map((slot) => ({
      ...slot,
      servers: wanted.get(name)?.pools.find((pool) => pool.slot === slot.slot)?.servers ?? new Map(),
    }));
    filled.set(name, { ...service, slots });
  }
  return filled;
}
