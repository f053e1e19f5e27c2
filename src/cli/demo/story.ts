/** The story that the demo plays: Avi's graceful migration of `app1`, then an illness and its cure. */
import { type AppDefinition, app1, app1v100, app1v200 } from './apps.ts';
import type { ServiceView } from './baton-view.ts';
import type { MarathonHand } from './marathon.ts';

export interface Step {
  /** For the list on the screen. */
  readonly title: string;
  /** What is done to Marathon, as one would do it by hand. */
  readonly action: string;
  perform(marathon: MarathonHand): Promise<void>;
  /** Marathon's word that this step waits for. */
  readonly word: string;
  /** When Marathon gave it (`performance.now()`, ms); null until then. */
  said(marathon: MarathonHand): Promise<number | null>;
  /** Who carries all traffic afterwards, and where the article says it is then. */
  readonly carrier: string;
  readonly side: 'A' | 'B';
  /** What else Baton is to show before the step counts as done. */
  readonly shown?: (service: ServiceView) => boolean;
  /** Null when the step is not to move traffic. */
  readonly move: { readonly from: string; readonly trigger: string } | null;
}

export const story: readonly Step[] = [
  {
    title: 'app1 declares the service and serves it',
    ...posted(app1),
    carrier: 'app1',
    side: 'A',
    move: null,
  },
  {
    title: 'app1-100, priority 10, takes over',
    ...posted(app1v100),
    carrier: 'app1-100',
    side: 'B',
    move: { from: 'app1', trigger: 'POST app1-100, ab_config priority 10; then Marathon: healthy' },
  },
  {
    title: 'app1-200, priority 20, takes over',
    ...posted(app1v200),
    carrier: 'app1-200',
    side: 'A',
    move: { from: 'app1-100', trigger: 'POST app1-200, ab_config priority 20; then Marathon: healthy' },
  },
  {
    title: 'app1 is scaled to 0, listener stays up',
    action: 'PUT /v2/apps/app1 {"instances": 0}',
    perform: (marathon) => marathon.scale('app1', 0),
    word: 'app1 has no task left',
    said: async (marathon) => ((await marathon.instances('app1')) === 0 ? performance.now() : null),
    carrier: 'app1-200',
    side: 'A',
    shown: ({ pools }) => pools.some(({ app, state }) => app === '/app1' && state === 'empty'),
    move: null,
  },
  {
    title: 'app1-200 falls ill, app1-100 steps in',
    action: 'app1-200: every health check fails from now on',
    perform: (marathon) => marathon.ill('app1-200', true),
    word: 'app1-200 is unhealthy',
    said: async (marathon) => sinceCount(marathon, 'app1-200', 0),
    carrier: 'app1-100',
    side: 'B',
    move: { from: 'app1-200', trigger: 'Marathon: both tasks of app1-200 are unhealthy' },
  },
  {
    title: 'app1-200 is healed and gets it back',
    action: 'app1-200: health checks pass again',
    perform: (marathon) => marathon.ill('app1-200', false),
    word: 'app1-200 is healthy again',
    said: async (marathon) => sinceCount(marathon, 'app1-200', app1v200.instances),
    carrier: 'app1-200',
    side: 'A',
    move: { from: 'app1-100', trigger: 'Marathon: both tasks of app1-200 are healthy again' },
  },
];

function posted(app: AppDefinition): Pick<Step, 'action' | 'perform' | 'word' | 'said'> {
  const { ab_config: abConfig } = app.labels;
  const label = abConfig === undefined ? '"FE-Proxy": "yes", "avi_proxy": …' : `"ab_config": ${abConfig}`;
  return {
    action: `POST /v2/apps ${app.id}: ${label}`,
    perform: (marathon) => marathon.post(app),
    word: `${app.id} is healthy`,
    said: async (marathon) => sinceCount(marathon, app.id, app.instances),
  };
}

function sinceCount(marathon: MarathonHand, app: string, count: number): number | null {
  const healthy = marathon.healthy(app);
  return healthy.count === count && healthy.since > 0 ? healthy.since : null;
}
