/** What Marathon, or what stands in front of it, has been seen to do, in the order of their numbers, from 1. */

/** A file under test/ and the name of a test or of a case in it. */
export type Covered = readonly [file: string, name: string];
interface Quirk {
  readonly what: string;
  /** Where else it is tested; else a test in quirks.test.ts is named `quirk N`. */
  readonly covered?: readonly Covered[];
}

export const quirks: readonly Quirk[] = [
  {
    what: 'events are lost while no stream is open, and never replayed',
    covered: [
      ['marathon/watch-connection.test.ts', 'after a reconnection everything is read again'],
      ['marathon/simulator.test.ts', 'what happens while the stream is away is in the list after it'],
    ],
  },
  {
    what: 'to 1.7 events for a slow consumer are dropped without a word',
    covered: [['marathon/watch.test.ts', 'periodic lists find what no event told, and wake only for news']],
  },
  {
    what: 'a stream is dead for days without a FIN',
    covered: [
      ['marathon/stream.test.ts', 'silence without a FIN ends it, heartbeats alone keep it'],
      ['marathon/watch-connection.test.ts', 'silence is noticed and heard of'],
    ],
  },
  { what: 'a standby that proxies the stream holds events back' },
  { what: 'some of several clients get nothing but heartbeats' },
  {
    what: 'since 1.7 standbys redirect, and clients lose their authorization',
    covered: [
      ['marathon/redirect.test.ts', 'a standby leads stream and reads to the leader, with the credentials'],
    ],
  },
  {
    what: 'during an election the answer is 200 and the end at once',
    covered: [
      [
        'marathon/watch-connection.test.ts',
        '200 and the end at once does not make it spin: each wait is longer, good connections alone reset that',
      ],
    ],
  },
  { what: 'since 1.8 the stream of a slow consumer is closed' },
  { what: 'deployment events hold the whole root group, twice' },
  {
    what: 'a read of the socket gives a part of an event',
    covered: [['marathon/stream.test.ts', 'every place where an event can be split gives the same events']],
  },
  {
    what: 'any other Accept header than text/event-stream is answered with 405',
    covered: [
      ['marathon/stream.test.ts', 'asks for what Baton uses, with the headers that Marathon insists on'],
    ],
  },
  {
    what: 'after an election the health of all tasks is unknown',
    covered: [
      ['marathon/health.test.ts', 'results missing'],
      ['golden/plan/13-marathon-forgot.txt', 'Marathon forgot all health after a change of leader'],
    ],
  },
  {
    what: 'healthCheckResults holds null, fewer results than checks, or is missing',
    covered: [
      ['marathon/health.test.ts', 'null as a result'],
      ['marathon/health.test.ts', 'one of two reported'],
      ['marathon/health.test.ts', 'results missing'],
    ],
  },
  { what: 'to 1.5.6 an event says healthy though another check fails' },
  { what: 'events come twice, and say what was so already' },
  { what: 'events name a task by its id, its instance, or an instance under the key of a task' },
  { what: 'the alive flag of an event lags behind what GET says' },
  {
    what: 'tasks are listed as running that are dead',
    covered: [
      ['golden/plan/05-not-checked-yet.txt', 'Marathon says healthy, the data plane has not checked yet'],
    ],
  },
  {
    what: 'GET gives the old definition after the deployment of the new one was announced',
    covered: [['marathon/watch.test.ts', 'an announced version is waited for']],
  },
  {
    what: 'a lock that nobody holds is answered with 409',
    covered: [
      ['marathon/writer-bad-days.test.ts', 'a lock that nobody holds'],
      ['marathon/writer-wire.test.ts', 'nothing is ever forced'],
    ],
  },
  {
    what: 'DELETE of an app forces by default',
    covered: [
      ['marathon/writer-wire.test.ts', "path: '/v2/apps/shop/web', query: 'force=false', body: null"],
    ],
  },
  {
    what: 'the 403 of a change may mean that too many deployments run',
    covered: [
      ['marathon/writer-bad-days.test.ts', 'too many deployments'],
      ['marathon/writer-bad-days.test.ts', "[403, 'unauthorized'"],
    ],
  },
  {
    what: 'since 1.8 an unknown route is answered with 500',
    covered: [['marathon/http.test.ts', 'an unknown route of 1.8']],
  },
  {
    what: 'errors are HTML',
    covered: [
      ['marathon/http.test.ts', '502 in HTML'],
      ['marathon/http.test.ts', 'HTML with status 200'],
      ['marathon/stream.test.ts', 'HTML with status %i is %s'],
    ],
  },
  {
    what: 'a proxy in front answers 504 for the stream, or cuts it',
    covered: [
      ['marathon/stream.test.ts', "[504, 'no-leader']"],
      ['marathon/stream.test.ts', 'a connection that is reset is a closed stream'],
    ],
  },
  { what: 'ids and paths have double slashes' },
  {
    what: 'deployments never end',
    covered: [
      [
        'marathon/queue.test.ts',
        'an announced version that does not come is looked for a bounded number of times',
      ],
    ],
  },
  { what: 'states of tasks that no documentation knows' },
  { what: 'messages are cut off, agents and hosts are empty or unknown' },
  { what: 'apps whose ids end in restart, tasks or versions have no route of their own' },
];
