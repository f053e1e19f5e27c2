/** The metrics table: name, type, labels and meaning of each. The registry and docs/metrics.md are made from it. */

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

export const metricTable = {
  buildInfo: metric('baton_build_info', 'gauge', ['version'], 'Always 1; the version of Baton in its label.'),
  ready: metric(
    'baton_ready',
    'gauge',
    [],
    '1 while Baton is in step with Marathon and the data plane, as /readyz says.',
  ),
  services: metric('baton_services', 'gauge', [], 'Services that the labels declare.'),
  phase: metric(
    'baton_service_phase',
    'gauge',
    ['service', 'phase'],
    '1 for the phase that the service is in; its other phases are 0.',
  ),
  weight: metric(
    'baton_pool_weight_ratio',
    'gauge',
    ['service', 'app'],
    "The pool's effective share of the service's traffic, 0 to 1.",
  ),
  priority: metric('baton_pool_priority', 'gauge', ['service', 'app'], "The pool's declared priority."),
  poolReady: metric('baton_pool_ready', 'gauge', ['service', 'app'], '1 while the pool is ready to enter.'),
  endpoints: metric(
    'baton_pool_endpoints',
    'gauge',
    ['service', 'app', 'rotation'],
    'Endpoints of the pool that take requests (in) or do not (hold).',
  ),
  sessions: metric(
    'baton_pool_sessions',
    'gauge',
    ['service', 'app'],
    'Requests and connections in progress, over all HAProxy workers.',
  ),
  requests: metric(
    'baton_pool_requests_total',
    'counter',
    ['service', 'app', 'slot'],
    'Requests that the data plane gave to the pool.',
  ),
  moves: metric(
    'baton_traffic_moves_total',
    'counter',
    ['service'],
    'Changes of effective weights that were applied and read back.',
  ),
  realised: metric(
    'baton_pool_realised_ratio',
    'gauge',
    ['service', 'app'],
    "The part of the service's requests that the pool really got since the weights last changed, 0 to 1; none before the first request.",
  ),
  transitions: metric(
    'baton_transitions_total',
    'counter',
    ['service', 'outcome'],
    'Transitions that have ended, by how.',
  ),
  transitionStep: metric(
    'baton_transition_step',
    'gauge',
    ['service'],
    'The step of the transition that is under way, from 1.',
  ),
  transitionSteps: metric(
    'baton_transition_steps',
    'gauge',
    ['service'],
    'How many steps the transition that is under way has.',
  ),
  transitionWeight: metric(
    'baton_transition_weight_ratio',
    'gauge',
    ['service'],
    'The share that this step declares for the new pools, 0 to 1.',
  ),
  holdRemaining: metric(
    'baton_transition_hold_remaining_seconds',
    'gauge',
    ['service'],
    'How long the step still lasts; none while it does not end by time.',
  ),
  transitionPhases: metric(
    'baton_transition_phase_duration_seconds',
    'histogram',
    ['phase'],
    'How long transitions were in each phase, as this Baton has seen it.',
  ),
  judgements: metric(
    'baton_analysis_results_total',
    'counter',
    ['service', 'outcome'],
    'Judgements of new pools, by outcome.',
  ),
  latched: metric(
    'baton_pool_latched',
    'gauge',
    ['service', 'app'],
    '1 while the pool was sent back and takes nothing until it changes or somebody retries.',
  ),
  orders: metric(
    'baton_orders_total',
    'counter',
    ['verb', 'outcome'],
    'Orders by people: done, refused, or for an unknown service.',
  ),
  wishes: metric(
    'baton_wishes_total',
    'counter',
    ['kind', 'outcome'],
    'Changes asked of Marathon: done, failed (and tried again) or refused.',
  ),
  diagnostics: metric(
    'baton_diagnostics',
    'gauge',
    ['severity', 'code'],
    'Diagnostics that stand now; GET /v1/diagnostics lists them.',
  ),
  withdrawn: metric(
    'baton_endpoints_withdrawn_total',
    'counter',
    [],
    'Endpoints taken out of rotation because of an event, before any read.',
  ),
  doubted: metric(
    'baton_marathon_doubted_reads_total',
    'counter',
    [],
    'Reads that took so much away that a second one had to agree.',
  ),
  reconciles: metric(
    'baton_reconcile_duration_seconds',
    'histogram',
    [],
    'Duration of one turn of the control loop.',
  ),
  reconcileFailures: metric(
    'baton_reconcile_failures_total',
    'counter',
    ['code'],
    'Turns of the control loop that failed, by error code.',
  ),
  verifyFailures: metric(
    'baton_verify_failures_total',
    'counter',
    [],
    'Read-backs that differed from what was applied.',
  ),
  reloads: metric(
    'baton_dataplane_reloads_total',
    'counter',
    ['outcome'],
    'Reloads of HAProxy: loaded or refused.',
  ),
  restarts: metric(
    'baton_dataplane_deaths_total',
    'counter',
    [],
    'Times that HAProxy died and was started again.',
  ),
  marathonConnected: metric('baton_marathon_connected', 'gauge', [], '1 while the event stream is open.'),
  marathonEvents: metric(
    'baton_marathon_events_total',
    'counter',
    ['event_type'],
    'Events received, by type.',
  ),
  marathonResyncs: metric(
    'baton_marathon_resyncs_total',
    'counter',
    ['reason', 'outcome'],
    'Reads of the app list, by what caused them.',
  ),
  marathonRequests: metric(
    'baton_marathon_request_duration_seconds',
    'histogram',
    ['route', 'outcome'],
    'Duration of requests to Marathon.',
  ),
  marathonPending: metric(
    'baton_marathon_pending_reads',
    'gauge',
    [],
    'Reads that events have asked for and that are still to be made; one that grows is a lag that grows.',
  ),
  marathonSynced: metric(
    'baton_marathon_last_sync_timestamp_seconds',
    'gauge',
    [],
    'When the app list was last read whole, Unix time.',
  ),
  shadowDifferences: metric(
    'baton_shadow_differences',
    'gauge',
    ['kind'],
    'With --shadow: differences from the other HAProxy; GET /v1/shadow lists them.',
  ),
  shadowComparisons: metric(
    'baton_shadow_comparisons_total',
    'counter',
    ['outcome'],
    'With --shadow: comparisons that were made, and those for which the other HAProxy could not be read.',
  ),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

function metric(
  name: string,
  type: MetricDefinition['type'],
  labels: readonly string[],
  help: string,
): MetricDefinition {
  return { name, type, labels, help };
}
