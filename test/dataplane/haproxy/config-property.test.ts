/** Whatever a target says, HAProxy takes the configuration that is rendered from it. */
import { plainListener, plainRules } from '../../../src/declared/types.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBinary, validate } from '../../../src/dataplane/haproxy/binary.ts';
import { createDisk, mapTexts, serviceFile, serviceTexts } from '../../../src/dataplane/haproxy/disk.ts';
import { frontendsOf } from '../../../src/dataplane/haproxy/frontends.ts';
import { layoutIn, mapNames } from '../../../src/dataplane/haproxy/layout.ts';
import { mapsOf } from '../../../src/dataplane/haproxy/maps.ts';
import { merge } from '../../../src/dataplane/haproxy/merge.ts';
import { poolsOf } from '../../../src/dataplane/haproxy/plane.ts';
import { renderGlobal } from '../../../src/dataplane/haproxy/render-global.ts';
import { parseSidecar, renderSidecar } from '../../../src/dataplane/haproxy/sidecar.ts';
import type { Service, Services } from '../../../src/dataplane/haproxy/state.ts';
import { readTarget } from '../../../src/dataplane/haproxy/wanted.ts';
import type { ServerName, ServiceId, SlotName } from '../../../src/model/ids.ts';
import { slotName, taskId } from '../../../src/model/ids.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../../src/plan/target.ts';

const cases = 500;
/** So many cases stand in one configuration, because starting HAProxy is what takes time. */
const together = 50;

const nasty = fc.constantFrom(
  'a\nglobal\n  daemon',
  '"; shutdown sessions',
  '%[env(PATH)]',
  '${HOME}',
  '../../etc/passwd',
  '# comment',
  "quo'te",
  'back\\slash',
  'a b',
  '',
  'ünï',
  '\u0000',
  '\r\nbackend x',
  'x'.repeat(300),
  '😀',
  '-',
  '.',
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 20 }));
const port = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(0, -1, 65_536, 1.5, Number.NaN));
const idPart = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/);
const id = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(idPart, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  },
  { weight: 1, arbitrary: text },
);
const address = fc.oneof(fc.ipV4(), fc.constantFrom('127.0.0.1', '::1', '*', 'fe80::1%eth0'), text);
const host = fc.oneof(fc.domain(), text);
const checkPath = fc.oneof(
  fc.webPath(),
  text.map((rest) => `/${rest}`),
  text,
);

const endpoint: fc.Arbitrary<EndpointTarget> = fc.record({
  server: fc.oneof(fc.uuid(), text).map((name) => name as ServerName),
  task: text.map(taskId),
  host: fc.oneof(fc.ipV4(), fc.constantFrom('::1', 'agent.example'), text),
  port,
  check: fc.record({
    kind: fc.constantFrom('http', 'tcp'),
    path: checkPath,
    port: fc.option(port),
    intervalMs: fc.oneof(fc.integer({ min: 1, max: 100_000_000 }), fc.constantFrom(0, 1e12)),
    timeoutMs: fc.integer({ min: 1, max: 100_000 }),
    fall: fc.integer({ min: 0, max: 1_000 }),
  }),
  rotation: fc.constantFrom('in', 'hold'),
});

const pools = fc
  .uniqueArray(
    fc.oneof(
      fc.nat(6).map(slotName),
      text.map((slot) => slot as SlotName),
    ),
    { maxLength: 5 },
  )
  .chain((slots) =>
    fc.tuple(
      ...slots.map(
        (slot): fc.Arbitrary<PoolTarget> =>
          fc.record({
            app: id.map((each) => each as PoolTarget['app']),
            slot: fc.constant(slot),
            balance: fc.constantFrom('roundrobin', 'leastconn', 'source'),
            checkKind: fc.constantFrom('http', 'tcp'),
            weight: fc.nat(10_000),
            endpoints: fc.uniqueArray(endpoint, { maxLength: 4, selector: (each) => each.server }),
            close: fc.boolean(),
          }),
      ),
    ),
  );

const target: fc.Arbitrary<ServiceTarget> = fc
  .record({
    service: id.map((each) => each as ServiceId),
    listeners: fc.array(
      fc
        .record({ address: fc.option(address), port, hosts: fc.array(host, { maxLength: 3 }) })
        .map(({ port, ...rest }) => ({ ...plainListener(port, port), ...rest })),
      { maxLength: 2 },
    ),
    rules: fc.constant(plainRules),
    pools,
    order: fc.boolean(),
  })
  .map(({ order, ...rest }) => {
    const slots = rest.pools.map((pool) => pool.slot);
    return {
      ...rest,
      failover: order ? slots : slots.toReversed(),
      noFailover: slots.slice(0, order ? 1 : 0),
    };
  });

test(`HAProxy takes the configuration of ${cases} random targets`, async () => {
  const seed = Date.now() % 2 ** 31;
  const samples = fc.sample(target, { numRuns: cases, seed });
  const binary = await findBinary(null);
  const dir = await mkdtemp(join(tmpdir(), 'b-'));
  let rendered = 0;
  try {
    const layout = layoutIn(dir);
    const disk = createDisk(layout);
    await disk.load();
    for (let at = 0; at < cases; at += together) {
      const services = servicesOf(samples.slice(at, at + together));
      rendered += services.size;
      const maps = mapsOf([...services.values()], '*');
      const texts = new Map([
        ...disk.strays(new Set(services.keys())),
        ...mapTexts(maps, mapNames),
        [
          'global.cfg',
          renderGlobal({
            frontends: [...frontendsOf(services.values(), '*').values()].map(({ frontend }) => frontend),
            pools: poolsOf(services),
            services: 2_048,
            hardStopAfterMs: 1_000,
            connections: 1_000,
          }),
        ] as const,
      ]);
      for (const service of services.values()) {
        for (const [file, content] of serviceTexts(service.name, service, new Set()))
          texts.set(file, content);
        expect(parseSidecar(renderSidecar(service)), `seed ${seed}`).toEqual(service);
      }
      await disk.write(texts);
      expect(
        await validate(binary, layout.dir, ['global.cfg', 'services/'], AbortSignal.timeout(20_000)),
        `seed ${seed}`,
      ).toBeNull();
      for (const content of Object.values(maps)) {
        for (const [key, value] of content)
          expect(`${key} ${value}`, `seed ${seed}`).toMatch(/^[!-~]+ [!-~]+$/);
      }
      expect([...services.keys()].every((name) => serviceFile(name) === `services/${name}.cfg`)).toBe(true);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  // Most ids are good, and each then stands in a configuration with its pools.
  expect(rendered).toBeGreaterThan(cases / 2);
});

/** As after an apply: every endpoint in its slot. */
function servicesOf(targets: readonly ServiceTarget[]): Services {
  const addresses = new Map([['agent.example', '192.0.2.1']]);
  for (const each of targets) {
    for (const pool of each.pools) {
      for (const { host } of pool.endpoints) if (isIP(host) !== 0) addresses.set(host, host);
    }
  }
  const { services: wanted } = readTarget(targets, addresses, { problems: new Map(), hasCertificate: false });
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
