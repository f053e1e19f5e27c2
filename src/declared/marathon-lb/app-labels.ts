/** The labels of marathon-lb and of zdd.py that are about a whole app. */
import type { LabelRow } from '../label-row.ts';

const wholeNumber = 'a whole number from 0 to 1000000';

export const appLabels = {
  GROUP: {
    name: 'HAPROXY_GROUP',
    meaning: 'The groups of load balancers that serve the app.',
    default: 'none: only those that serve every group',
    grammar: 'a list of names with commas between them: letters, digits and `._:/@+-`',
    example: 'external,internal',
    status: 'carried out',
  },
  DEPLOYMENT_GROUP: {
    name: 'HAPROXY_DEPLOYMENT_GROUP',
    meaning: 'Apps with the same value are pools of one service, which is named after it.',
    default: 'none: the app is a service of its own',
    grammar: 'a name of at most 255 letters, digits and `._-`, with or without `/` between and before them',
    example: 'shop',
    status: 'carried out',
  },
  DEPLOYMENT_ALT_PORT: {
    name: 'HAPROXY_DEPLOYMENT_ALT_PORT',
    meaning: 'The service port that zdd.py gives to the other colour.',
    default: 'none',
    grammar: 'a whole number from 1 to 65535',
    example: '10001',
    status: 'understood',
  },
  DEPLOYMENT_COLOUR: {
    name: 'HAPROXY_DEPLOYMENT_COLOUR',
    meaning: 'The colour of the app in its deployment group; zdd.py writes it.',
    default: 'none',
    grammar: 'blue or green',
    example: 'green',
    status: 'understood',
  },
  DEPLOYMENT_STARTED_AT: {
    name: 'HAPROXY_DEPLOYMENT_STARTED_AT',
    meaning: 'When the deployment began, which tells the newer colour from the older; zdd.py writes it.',
    default: 'none: older than all that have one',
    grammar: 'a time in the form of ISO 8601; without a zone it counts as UTC',
    example: '2024-01-31T12:00:00.123456',
    status: 'carried out',
  },
  DEPLOYMENT_TARGET_INSTANCES: {
    name: 'HAPROXY_DEPLOYMENT_TARGET_INSTANCES',
    meaning: 'How many instances the newer colour is to reach; zdd.py writes it.',
    default: "the app's instances",
    grammar: wholeNumber,
    example: '4',
    status: 'carried out',
  },
  DEPLOYMENT_NEW_INSTANCES: {
    name: 'HAPROXY_DEPLOYMENT_NEW_INSTANCES',
    meaning: 'Above 0 both colours stay, the newer with that many instances; zdd.py writes it.',
    default: '0',
    grammar: wholeNumber,
    example: '2',
    status: 'carried out',
  },
  APP_ID: {
    name: 'HAPROXY_APP_ID',
    meaning: "The app's id without its colour; zdd.py writes it.",
    default: 'none',
    grammar: 'the id of an app: letters, digits and `._-`, with or without `/` between and before them',
    example: '/shop',
    status: 'understood',
  },
} as const satisfies Readonly<Record<string, LabelRow>>;
