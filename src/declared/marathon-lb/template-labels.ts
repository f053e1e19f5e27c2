/** The labels of marathon-lb that hold raw HAProxy configuration: known by name, and what becomes of each. */

/** What marathon-lb does with the text of a template that has a place in Baton's configuration: the app's own backends. */
interface PlacedTemplate {
  /** What it fills in; null where it takes the text as it is. */
  readonly placeholders: readonly string[] | null;
  /** What else the port must ask for; marathon-lb leaves it out otherwise. */
  readonly needs: 'nothing' | 'mode http' | 'mode http and USE_HSTS';
}

/** The names after `HAPROXY_{n}_` of those with a place. */
export const placedTemplates: Readonly<Record<string, PlacedTemplate>> = {
  BACKEND_HEAD: { placeholders: ['backend', 'balance', 'mode'], needs: 'nothing' },
  BACKEND_HTTP_OPTIONS: { placeholders: null, needs: 'mode http' },
  BACKEND_HSTS_OPTIONS: { placeholders: null, needs: 'mode http and USE_HSTS' },
};

/** Why the others have none, and what stands for them. */
export const placelessTemplates: readonly {
  readonly names: readonly string[];
  readonly why: string;
  readonly instead: string;
}[] = [
  {
    names: [
      'FRONTEND_HEAD',
      'FRONTEND_BACKEND_GLUE',
      'HTTP_FRONTEND_ACL',
      'HTTP_FRONTEND_ACL_ONLY',
      'HTTP_FRONTEND_ROUTING_ONLY',
      'HTTP_FRONTEND_ROUTING_ONLY_WITH_AUTH',
      'HTTP_FRONTEND_ACL_WITH_AUTH',
      'HTTP_FRONTEND_ACL_WITH_PATH',
      'HTTP_FRONTEND_ACL_WITH_AUTH_AND_PATH',
      'HTTP_FRONTEND_ACL_ONLY_WITH_PATH',
      'HTTP_FRONTEND_ACL_ONLY_WITH_PATH_AND_AUTH',
      'HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH',
      'HTTP_FRONTEND_ROUTING_ONLY_WITH_PATH_AND_AUTH',
      'HTTP_FRONTEND_APPID_ACL',
      'HTTPS_FRONTEND_ACL',
      'HTTPS_FRONTEND_ACL_ONLY_WITH_PATH',
      'HTTPS_FRONTEND_ACL_WITH_AUTH',
      'HTTPS_FRONTEND_ACL_WITH_PATH',
      'HTTPS_FRONTEND_ACL_WITH_AUTH_AND_PATH',
    ],
    why: 'a frontend is shared with other apps, and maps lead from it',
    instead: 'VHOST, PATH, PORT, BIND_ADDR, BIND_OPTIONS and AUTH',
  },
  {
    names: ['BACKEND_REDIRECT_HTTP_TO_HTTPS', 'BACKEND_REDIRECT_HTTP_TO_HTTPS_WITH_PATH'],
    why: 'it is about conditions of a frontend that is not there',
    instead: 'REDIRECT_TO_HTTPS',
  },
  {
    names: ['USERLIST_HEAD'],
    why: 'it begins a section',
    instead: 'AUTH',
  },
  {
    names: ['HTTP_BACKEND_NETWORK_ALLOWED_ACL', 'TCP_BACKEND_NETWORK_ALLOWED_ACL'],
    why: 'what keeps people out must not fail open',
    instead: 'BACKEND_NETWORK_ALLOWED_ACL',
  },
  {
    names: [
      'BACKEND_HTTP_HEALTHCHECK_OPTIONS',
      'BACKEND_TCP_HEALTHCHECK_OPTIONS',
      'BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS',
      'BACKEND_SERVER_TCP_HEALTHCHECK_OPTIONS',
    ],
    why: 'each task is probed as the version that it runs says',
    instead: "the healthChecks of the app's definition",
  },
  {
    names: ['BACKEND_SERVER_OPTIONS'],
    why: 'servers come and go at run time, with the few words that HAProxy takes then',
    instead:
      '`send-proxy` or `send-proxy-v2`, alone beside the words that marathon-lb has there, is carried out, also without the flag',
  },
  { names: ['BACKEND_STICKY_OPTIONS'], why: 'servers get no cookies at run time', instead: 'STICKY' },
  {
    names: ['HTTP_BACKEND_PROXYPASS_GLUE'],
    why: 'Baton writes the rule that its label asks for',
    instead: 'HTTP_BACKEND_PROXYPASS_PATH',
  },
  {
    names: ['HTTP_BACKEND_REVPROXY_GLUE'],
    why: 'Baton writes the rule that its label asks for',
    instead: 'HTTP_BACKEND_REVPROXY_PATH',
  },
];

/** The names after `HAPROXY_{n}_` whose text marathon-lb puts into its configuration. */
export const templateNames: readonly string[] = [
  ...Object.keys(placedTemplates),
  ...placelessTemplates.flatMap(({ names }) => names),
];

/** The names after `HAPROXY_{n}_` that marathon-lb accepts and never reads: in map mode it takes those without `MAP_`. */
export const unreadTemplateNames: readonly string[] = [
  'MAP_HTTP_FRONTEND_ACL',
  'MAP_HTTP_FRONTEND_ACL_ONLY',
  'MAP_HTTP_FRONTEND_APPID_ACL',
  'MAP_HTTPS_FRONTEND_ACL',
];
