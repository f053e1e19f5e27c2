/** Targets at random: good words, and hostile ones wherever a label has a say. */
import fc from 'fast-check';
import type { Listener, Rules } from '../../../src/declared/types.ts';
import type { Condition } from '../../../src/declared/vamp/condition.ts';
import type { AppId, ServerName, ServiceId, SlotName } from '../../../src/model/ids.ts';
import { slotName, taskId } from '../../../src/model/ids.ts';
import type { EndpointTarget, PoolTarget, ServiceTarget } from '../../../src/plan/target.ts';

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
  rotation: fc.constantFrom('in', 'hold', 'close'),
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
            draining: fc.boolean(),
            endpoints: fc.uniqueArray(endpoint, { maxLength: 4, selector: (each) => each.server }),
            close: fc.boolean(),
          }),
      ),
    ),
  );

const path = fc.oneof(
  fc.stringMatching(/^\/[a-z0-9/._-]{0,12}$/),
  text.map((rest) => `/${rest}`),
  text,
);
/** Mostly good, so that it stands in the configuration; else the rest of the good one is never seen. */
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad });

const words = [
  'accept-proxy',
  'alpn h2,http/1.1',
  'backlog 10',
  'defer-accept',
  'maxconn 5',
  'no-tlsv11',
  'strict-sni',
];

function listenerWith(certificate: string): fc.Arbitrary<Listener> {
  const file = mostly(fc.constant(certificate), fc.oneof(fc.constant('/nowhere.pem'), text));
  const option = fc.oneof(
    fc.constantFrom(
      ...words,
      'ssl',
      `ssl crt ${certificate}`,
      'ssl crt /nowhere.pem',
      `verify required ca-file ${certificate}`,
    ),
    text,
  );
  return fc
    .record({
      address: fc.option(mostly(fc.constantFrom('127.0.0.1', '::1', '*'), address)),
      port: mostly(fc.integer({ min: 1, max: 65_535 }), port),
      mode: fc.constantFrom('http', 'tcp'),
      hosts: fc.array(mostly(fc.domain(), host), { maxLength: 3 }),
      paths: fc.array(fc.record({ prefix: mostly(path, text), ignoresCase: fc.boolean() }), { maxLength: 3 }),
      rank: mostly(fc.integer(), fc.constantFrom(Number.NaN, 1e300)),
      tls: fc.option(fc.record({ certificates: fc.array(file, { minLength: 1, maxLength: 2 }) }), {
        freq: 2,
      }),
      bindOptions: mostly(
        fc.constant<string[]>([]),
        fc.array(option, { maxLength: 2 }).map((all) => all.join(' ').split(' ')),
      ),
      only: fc.option(id.map((each) => each as AppId)),
    })
    .map((each): Listener => {
      // Without a name a path is wrong.
      const paths = each.hosts.length === 0 && each.rank > 0 ? [] : each.paths;
      return { ...each, paths, declaredPort: each.port };
    });
}

const rules: fc.Arbitrary<Rules> = fc.record({
  redirectToHttps: fc.boolean(),
  useHsts: fc.boolean(),
  auth: fc.option(
    mostly(
      fc.constant({ realm: 'realm', user: 'user', password: '$1$abcdefgh$F8.gCxtfCnAYhuQnyQs8b0' }),
      fc.record({ realm: text, user: text, password: fc.oneof(text, fc.constant('abJnggxhB/yWI')) }),
    ),
  ),
  allowedNetworks: fc.option(
    fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.0/8', '::/0', '1.2.3.4/33'), text), {
      maxLength: 70,
    }),
  ),
  sticky: fc.boolean(),
  proxyPassPath: fc.option(path),
  reverseProxyPath: fc.option(path),
  redirectPath: fc.option(path),
});

/** Characters that mean something to HAProxy somewhere, all of which a token may hold. */
const token = fc.string({
  unit: fc.constantFrom(..."!#$%&'*+.^_`|~09AZaz-".split('')),
  minLength: 1,
  maxLength: 12,
});
const match = fc.record({
  slot: fc.oneof(
    fc.nat(3).map(slotName),
    text.map((slot) => slot as SlotName),
  ),
  rule: fc.record({
    kind: fc.constantFrom('header', 'cookie'),
    name: mostly(token, text),
    value: mostly(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), text),
  }),
});

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('host', 'user-agent'),
    value: mostly(fc.string({ minLength: 1 }), text),
  }),
  fc.record({
    kind: fc.constantFrom('header', 'cookie'),
    name: mostly(token, text),
    value: mostly(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), text),
  }),
  fc.record({ kind: fc.constantFrom('has-header', 'has-cookie'), name: mostly(token, text) }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.record({ kind: fc.constant('not'), operand: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      operands: mostly(
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
        fc.array(leaf, { maxLength: 40, size: 'max' }),
      ),
    }),
  ),
}));
const conditioned = fc.record({
  slot: fc.option(fc.nat(3).map(slotName)),
  condition: mostly(
    condition,
    text.map((acl): Condition => ({ kind: 'raw', acl })),
  ),
  strength: fc.integer({ min: -1, max: 101 }),
});

/** A service with everything in it that a label can say, hostile or not. */
export function randomTarget(certificate: string): fc.Arbitrary<ServiceTarget> {
  return fc
    .record({
      service: id.map((each) => each as ServiceId),
      listeners: fc.array(listenerWith(certificate), { maxLength: 3 }),
      rules,
      pools,
      affinity: fc.boolean(),
      matches: fc.array(match, { maxLength: 3 }),
      conditions: fc.array(conditioned, { maxLength: 3 }),
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
}
