/** Renders what load balancers in front and scripts ask about HAProxy itself, where marathon-lb had it. */
import { type Frontend, frontendName } from './frontends.ts';

/** What marathon-lb's scripts in HAProxy answer. A rule of HAProxy's returns 16 kB at most; Baton's API has no such limit. */
const ofApi: Readonly<Record<string, string>> = {
  '/_haproxy_getconfig': '/v1/haproxy/config',
  '/_haproxy_getvhostmap': '/v1/haproxy/vhostmap',
  '/_haproxy_getappmap': '/v1/haproxy/appmap',
};

/** @param api where Baton's API is bound; null: nothing is had from there */
export function renderStatistics({ key, address, port }: Frontend, api: string | null): string {
  const paths = api === null ? [] : Object.entries(ofApi);
  const known = ['/haproxy', ...paths.map(([path]) => path)];
  return `frontend ${frontendName(key)}
  bind ${address === '*' ? '' : address}:${port}
  monitor-uri /_haproxy_health_check
  stats enable
  stats uri /haproxy?stats
  http-request return status 404 content-type text/plain string "404 see /haproxy?stats\\n" if !{ path ${known.join(' ')} }
${paths.map(([path, to]) => `  http-request set-path ${to} if { path ${path} }\n`).join('')}${api === null ? '' : '  use_backend :baton if { path_beg /v1/ }\n'}  default_backend :none
${api === null ? '' : renderApi(api)}`;
}

function renderApi(api: string): string {
  // Bound to all addresses it is on the loopback, too.
  const server = api.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `
backend :baton
  retries 0
  http-error status 503 content-type text/plain string "503 Baton does not run\\n"
  server baton ${server}
`;
}
