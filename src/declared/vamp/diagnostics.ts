/** What can be wrong with gateways once they meet the cluster. */

const untilThen = 'Until then its share goes to the other routes.';

export const gatewayDiagnostics = {
  'gateway-condition-shared': {
    severity: 'error',
    problem:
      'The route {route} of the gateway {gateway} has a condition, and leads to {count} apps: {apps}. The condition is not asked.',
    remedy: 'Write one route for each app.',
  },
  'gateway-name-taken': {
    severity: 'error',
    problem: 'The gateway {gateway} cannot be told from {other} by its name, and is not served.',
    remedy: 'Give the gateway another name; "/" and "_" are alike here, and so are ":", "-" and other signs.',
  },
  'gateway-rewrites-refused': {
    severity: 'warning',
    problem:
      "The route {route} of the gateway {gateway} rewrites paths in HAProxy's own words, which Baton takes only with --allow-templates.",
    remedy: 'Start Baton with it, or let the app take the path as clients send it; until then it gets that.',
  },
  'gateway-route-loop': {
    severity: 'error',
    problem: 'The route {route} of the gateway {gateway} leads back to the gateway.',
    remedy: `Let it lead to an app. ${untilThen}`,
  },
  'gateway-route-port': {
    severity: 'error',
    problem: 'The route {route} of the gateway {gateway} names a port that {app} does not have.',
    remedy: `Name one of its ports, or none. ${untilThen}`,
  },
  'gateway-route-twice': {
    severity: 'error',
    problem:
      'The routes {first} and {route} of the gateway {gateway} lead to one app, {app}; the second one is left out.',
    remedy: 'Leave one of them, with the weight of both.',
  },
  'gateway-route-unknown': {
    severity: 'warning',
    problem: 'The route {route} of the gateway {gateway} leads nowhere (yet){why}.',
    remedy: `Correct it, or deploy what it names. ${untilThen}`,
  },
  'gateway-selector-idle': {
    severity: 'warning',
    problem: 'The selector {selector} of the gateway {gateway} finds no app (yet).',
    remedy: 'Correct it, or deploy what it is to find; until then nobody serves.',
  },
  'gateway-weightless': {
    severity: 'warning',
    problem: 'All routes of the gateway {gateway} have weight 0%.',
    remedy: 'Give one a weight; until then whoever is up serves, as a last resort.',
  },
} as const;
