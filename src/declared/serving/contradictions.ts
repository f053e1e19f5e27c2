/** What ports of one service say differently. */
import { diagnose } from '../diagnostics.ts';
import { visible } from '../marathon-lb/near-labels.ts';
import type { Diagnostic } from '../types.ts';
import type { Claim, Node } from './node.ts';

const compared = {
  mode: 'MODE',
  auth: 'AUTH',
  allowedNetworks: 'BACKEND_NETWORK_ALLOWED_ACL',
  redirectToHttps: 'REDIRECT_TO_HTTPS',
  useHsts: 'USE_HSTS',
  sticky: 'STICKY',
  proxyPassPath: 'HTTP_BACKEND_PROXYPASS_PATH',
  reverseProxyPath: 'HTTP_BACKEND_REVPROXY_PATH',
  redirectPath: 'HTTP_BACKEND_REDIR',
} as const;

type Compared = keyof typeof compared;

/** What is said differently about one service, and keeps nobody out: somebody must decide. */
export function contradictions(nodes: readonly Node[], decider: Node): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (nodes.length < 2) return diagnostics;
  for (const node of nodes) {
    for (const [key, name] of Object.entries(compared) as readonly (readonly [Compared, string])[]) {
      if (!same(saidBy(node, key), saidBy(decider, key))) diagnostics.push(contradicts(node, name, decider));
    }
    const [mine, other] = [portOf(node), portOf(decider)];
    if (mine === undefined || mine.key !== other?.key) continue;
    if ((mine.certificate === null) !== (other.certificate === null))
      diagnostics.push(contradicts(node, 'SSL_CERT', decider));
    if (!same(mine.bindOptions, other.bindOptions))
      diagnostics.push(contradicts(node, 'BIND_OPTIONS', decider));
  }
  return diagnostics;
}

function portOf({ claims }: Node): Claim | undefined {
  return claims.find(({ host }) => host === null);
}

function contradicts(node: Node, name: string, decider: Node): Diagnostic {
  const label = `HAPROXY_${node.index}_${name}`;
  const text = node.app.labels[label];
  const about = { app: node.app.id, label, value: text === undefined ? null : visible(label, text) };
  return diagnose('labels-contradict', about, { label, decider: decider.app.id });
}

function saidBy(node: Node, key: Compared): unknown {
  return key === 'mode' ? node.mode : node.rules[key];
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
