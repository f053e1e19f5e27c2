/** What Marathon 1.5 and later refuses in definitions that mix old forms of ports, networks and artifacts with new ones. */
import { type ErrorDetail, notValid } from './api-error.ts';
import type { AppInput } from './app-schema.ts';

/**
 * Marathon's `AppValidation.validateOldAppAPI`, and the same for updates: looked at before the old forms are translated,
 * and so before all other rules.
 * @throws ApiError 422 "Object is not valid" that names every broken rule
 */
export function checkOldForms(app: AppInput): void {
  const details: ErrorDetail[] = [];
  const say = (path: string, error: string): void => void details.push({ path, errors: [error] });
  const { container, ipAddress, networks = [], ports, portDefinitions, uris = [], fetch = [] } = app;
  if (ipAddress?.discovery !== undefined && container?.type === 'DOCKER')
    say('/ipAddress', 'ipAddress/discovery is not allowed for Docker containers');
  if (uris.length > 0 && fetch.length > 0) say('/uris', 'may not be set in conjunction with fetch');
  if (container?.docker?.network !== undefined && networks.length > 0)
    say('/', 'must not specify both container.docker.network and networks');
  if (ipAddress !== undefined && networks.length > 0)
    say('/', 'must not specify both networks and ipAddress');
  const fixed = (ports ?? []).filter((port) => port !== 0);
  if (new Set(fixed).size < fixed.length) say('/', 'ports must be unique');
  if (ipAddress !== undefined && ((ports ?? []).length > 0 || (portDefinitions ?? []).length > 0))
    say('/', 'cannot specify both an IP address and port');
  if (ports !== undefined && portDefinitions !== undefined && !areThese(ports, portDefinitions))
    say('/', 'cannot specify both ports and port definitions');
  if (details.length > 0) throw notValid(details);
}

/** Who writes both in agreement, as 1.4 does, is understood. */
function areThese(ports: readonly number[], definitions: readonly { readonly port: number }[]): boolean {
  return (
    ports.length === definitions.length && ports.every((port, index) => port === definitions[index]?.port)
  );
}
