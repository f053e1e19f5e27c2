/** Reads health checks of blueprints. */
import type { BlueprintCheck, BlueprintPort } from './blueprint.ts';
import { fieldsIn, listIn, mapIn, numberIn, secondsIn } from './blueprint-fields.ts';
import { textIn, type VampFile } from './file.ts';
import type { YamlNode } from './yaml-tree.ts';

const keys = ['protocol', 'path', 'port', 'initial_delay', 'timeout', 'interval', 'failures'] as const;
const protocols = ['HTTP', 'HTTPS', 'TCP', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'] as const;

/** One, or a list of them. What is left out has Marathon's default. */
export function checksIn(
  file: VampFile,
  node: YamlNode | undefined,
  ports: readonly BlueprintPort[],
): readonly BlueprintCheck[] {
  return listIn(node).flatMap((item) => {
    const map = mapIn(file, item, 'a health check');
    if (map === null) return [];
    const fields = fieldsIn(file, map, keys);
    const time = (key: (typeof keys)[number], otherwise: number): number => {
      const member = fields.get(key);
      return (member && secondsIn(file, member.value, `${key} of a health check`)) ?? otherwise;
    };
    const failures = fields.get('failures');
    const path = fields.get('path');
    return [
      {
        protocol: protocolIn(file, fields.get('protocol')?.value),
        path: (path && textIn(file, path.value, 'path', 'path of a health check')) ?? '/',
        port: portNameIn(file, fields.get('port')?.value, ports),
        initialDelaySec: time('initial_delay', 300),
        timeoutSec: time('timeout', 20),
        intervalSec: time('interval', 60),
        failures: (failures && numberIn(file, failures.value, 'failures', { least: 0, whole: true })) ?? 3,
      },
    ];
  });
}

function protocolIn(file: VampFile, node: YamlNode | undefined): BlueprintCheck['protocol'] {
  const text = node === undefined ? 'HTTP' : textIn(file, node, 'protocol', 'protocol');
  const known = protocols.find((each) => each === text?.toUpperCase());
  if (known === undefined && text !== null && node !== undefined)
    file.say(
      'protocol',
      node.at,
      `${text} is no protocol of a health check.`,
      `Write ${protocols.join(', ')}.`,
    );
  return known ?? 'HTTP';
}

function portNameIn(
  file: VampFile,
  node: YamlNode | undefined,
  ports: readonly BlueprintPort[],
): string | null {
  if (node === undefined) return null;
  const name = textIn(file, node, 'check-port', 'port of a health check');
  if (name === null || ports.some((port) => port.name === name)) return name;
  const known = ports.map((port) => port.name).join(', ');
  const problem = `The breed has no port ${name}, which its health check asks.`;
  file.say('check-port', node.at, problem, known === '' ? 'Write its ports.' : `Write one of ${known}.`);
  return null;
}
