/** The command blocks of the documentation, and for each how it is known to work. */

export type Proof =
  /** Runs to its end with exit code 0; repeated until what it prints matches. */
  | { readonly how: 'run'; readonly prints: RegExp }
  /** Is started, prints this, and goes on; another one with the same verb ends it. */
  | { readonly how: 'serve'; readonly prints: RegExp }
  /** As `run`, after Baton has been ended. */
  | { readonly how: 'after Baton'; readonly prints: RegExp }
  /** Not run here: `file` holds `proof`. */
  | { readonly how: 'elsewhere'; readonly file: string; readonly proof: string };

const started = /in step with Marathon and with HAProxy/;
const simulate: Proof = { how: 'serve', prints: /A simulated Marathon 1\.10 listens on/ };
const dryRun: Proof = { how: 'run', prints: /Nothing was changed\.$/ };
const posted: Proof = { how: 'run', prints: /"versionInfo"/ };
const told: Proof = { how: 'run', prints: /^\{.*\}$/ };
const stopped: Proof = { how: 'after Baton', prints: /^stopped the HAProxy of / };
const image: Proof = { how: 'elsewhere', file: 'test/deploy/image-files.test.ts', proof: 'Dockerfile' };
const batonApp: Proof = {
  how: 'elsewhere',
  file: 'test/deploy/marathon-app.test.ts',
  proof: 'deploy/marathon/baton.json',
};

/** By page, then by the first words of the block; blocks are run in the order in which they stand on the page. */
export const commands: Readonly<Record<string, Readonly<Record<string, Proof>>>> = {
  'README.md': {
    'npm run demo': { how: 'elsewhere', file: 'test/e2e/demo.test.ts', proof: "main, 'demo'" },
    'npm test': { how: 'elsewhere', file: '.ci/run', proof: 'npm test' },
    'npx baton simulate': simulate,
    'npx baton run --marathon http://127.0.0.1:8080': { how: 'serve', prints: started },
    "curl -X POST -H 'Content-Type: application/json' -d @docs/examples/app1.json": posted,
    'curl -s http://127.0.0.1:18080/': { how: 'run', prints: /"app":"\/app1"/ },
    "curl -X POST -H 'Content-Type: application/json' -d @docs/examples/app1-100.json": posted,
    'curl -s http://127.0.0.1:18080/\ncurl': { how: 'run', prints: /"app":"\/app1-100"[^]*highest-priority/ },
    'npx baton stop': stopped,
    'npx baton run --marathon http://marathon.mesos:8080 --map-port 80=18080 --dry-run': dryRun,
    'npx baton run --marathon http://marathon.mesos:8080 --map-port 80=18080 --state-dir': {
      how: 'serve',
      prints: started,
    },
    'docker build': image,
    "curl -X POST -H 'Content-Type: application/json' -d @deploy/marathon/baton.json": batonApp,
  },
  'docs/cli.md': {
    'npx baton lint': { how: 'run', prints: /app app1-200[^]*3 apps: 0 errors, 0 warnings/ },
    'npx baton plan --marathon http://marathon.mesos:8080 --with': {
      how: 'run',
      prints: /^What posting app1[^]*Nothing was changed\.$/,
    },
    "curl -X POST -H 'Content-Type: application/json' -d @docs/examples/app1.json": posted,
    'npx baton run --marathon http://marathon.mesos:8080 --map-port 80=18080 --state-dir': {
      how: 'serve',
      prints: started,
    },
    'npx baton status': { how: 'run', prints: /: ready\n[^]*1 service:/ },
    'npx baton explain': { how: 'run', prints: /^service app1: [^]*declared by app1/ },
    'npx baton history': { how: 'run', prints: / UTC {2}traffic: app1 100 %; / },
  },
  'docs/moving-from-marathon-lb.md': {
    'curl -s http://marathon.mesos:8080/v2/apps': {
      how: 'elsewhere',
      file: 'test/e2e/shadow.test.ts',
      proof: "command(['lint', '-']",
    },
    'npx baton plan': { how: 'run', prints: /Nothing was changed\.$/ },
    'npx baton run --marathon http://marathon.mesos:8080 --group external --shadow --shadow-of': {
      how: 'serve',
      prints: /could not read the statistics of the other HAProxy/,
    },
    'curl -s http://127.0.0.1:8090/v1/shadow': {
      how: 'run',
      prints: /"trouble": "http[^]*nobody listens there"/,
    },
    'npx baton run --marathon http://marathon.mesos:8080 --group external --shadow --once': {
      how: 'elsewhere',
      file: 'test/e2e/shadow.test.ts',
      proof: "'--once'",
    },
    'npx baton run --marathon http://marathon.mesos:8080 --group external --map-port': {
      how: 'serve',
      prints: started,
    },
    'npx baton status': { how: 'run', prints: /: ready\n/ },
    'npx baton stop': stopped,
  },
  'docs/operations.md': {
    'npx baton run --marathon http://marathon.mesos:8080 --map-port 80=18080 --dry-run': dryRun,
    'npx baton run --marathon http://marathon.mesos:8080 --map-port 80=18080 --state-dir': {
      how: 'serve',
      prints: started,
    },
    'curl -s http://127.0.0.1:8090/readyz': { how: 'run', prints: /^ready\n\{[^]*baton_ready 1/ },
    'npx baton stop': stopped,
    'docker build': image,
    'install -d -o 10001': { how: 'elsewhere', file: 'Dockerfile', proof: '--uid 10001' },
    "curl -X POST -H 'Content-Type: application/json' -d @deploy/marathon/baton.json": batonApp,
  },
  'docs/simulator.md': {
    'npx baton simulate': simulate,
    "curl -X POST -H 'Content-Type: application/json' -d @docs/examples/app1.json": {
      how: 'run',
      prints: /"versionInfo"[^]*"tasks":\[\{[^]*"behaviour"/,
    },
    'curl -sN': { how: 'serve', prints: /event: event_stream_attached/ },
    "curl -X POST -H 'Content-Type: application/json' http://127.0.0.1:8080/v2/pods": {
      how: 'run',
      prints: /"kind":"fixed","instances":2[^]*"status":"(?:DEGRADED|STABLE)"[^]*\{"tasks":\[/,
    },
    "curl -X PUT -H 'Content-Type: application/json' -d '{\"unhealthy\": true}'": {
      how: 'run',
      prints: /"unhealthy":true[^]*"unhealthy":false/,
    },
    "curl -X PUT -H 'Content-Type: application/json' -d '{\"latencyMs\": 50": told,
    'SENDER=$(': { how: 'run', prints: /^\{"tasks":\["app1\./ },
    'TASK=$(': { how: 'run', prints: /^\{"tasks":\["app1\.[^]*\}\{"tasks":\["app1\./ },
    'curl -X POST http://127.0.0.1:8080/_sim/apps/app1/crash': told,
    'curl -X POST http://127.0.0.1:8080/_sim/agent/unreachable': told,
    'curl -X PUT -H \'Content-Type: application/json\' -d \'{"kind": "hang-stream"': {
      how: 'run',
      prints: /"kind":"hang-stream"[^]*"endsInMs":\d+[^]*\{"faults":\[\]\}$/,
    },
    'npx baton simulate --port 8080 --seed': { how: 'serve', prints: /A bad day: slow, lose-events\./ },
    'npx baton simulate --port 8080 --auth': { how: 'serve', prints: /must log in \(dcos\)/ },
    "J='Content-Type": { how: 'run', prints: /\{"apps":\[\]\}[^]*"revoke-tokens"[^]*Not authenticated/ },
  },
};
