/** `baton apply`: hands a file of Vamp, gateways or a blueprint, to a running Baton. */
import { z } from 'zod';
import { ConfigError } from '../config/error.ts';
import { kindOfDocument, parseBlueprint } from '../declared/vamp/blueprint-parse.ts';
import { insteadOf } from '../declared/vamp/unsupported.ts';
import { parseGateways } from '../declared/vamp/gateway-parse.ts';
import { type Flaw, readYaml } from '../declared/vamp/yaml-tree.ts';
import { nameOf } from '../plan/reasons.ts';
import { textOf } from './definitions/read.ts';
import { askFlags, parseVerbFlags } from './flags.ts';
import { batonUrl } from './planning/ask-baton.ts';
import { write } from './text.ts';
import { shownDeployment, shownGateway } from './vamp/artifact.ts';
import { type Asked, askVamp, nameIn, type Said } from './vamp/ask.ts';
import { askHelp, paceFlags, paceHelp, queryOf } from './vamp/flags.ts';
import { flawLines, say, sayRefused } from './vamp/show.ts';

const help = `usage: baton apply -f FILE [flags]

Takes over what a file of Vamp says: gateways, also several in one file, or a
blueprint, whose apps are created at Marathon. Applied again with other weights
it moves the traffic, without a reload. What is not right is refused as a whole.

  -f, --file FILE  YAML or JSON; - is standard input
  --as NAME        what the deployment of a blueprint is called (its name)
${paceHelp}
  --validate-only  say whether it would be taken, and change nothing
${askHelp}

exit codes
  0  done
  1  refused: file, line and rule are named; or there is no Baton
  2  the command line makes no sense, or the file cannot be read
`;

const flags = {
  ...askFlags,
  ...paceFlags,
  file: { type: 'string', short: 'f' },
  as: { type: 'string' },
  by: { type: 'string' },
  'validate-only': { type: 'boolean', default: false },
} as const;

/** Exit codes as the help says. */
export async function apply(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const values = parseVerbFlags(argv, flags);
  if (values.help) {
    await write(help);
    return 0;
  }
  if (values.file === undefined) throw new ConfigError('-f FILE is missing; - is standard input');
  if (values.hold !== undefined && values.step === undefined)
    throw new ConfigError('--hold needs a --step, for example --step 5%');
  const text = await textOf(values.file, signal);
  const file = values.file === '-' ? '(standard input)' : values.file;
  const read = readFile(text);
  if (read.kind === 'bad')
    return sayRefused('apply', file, { message: `${file} is not right`, flaws: read.flaws }, values.json);
  if (read.kind === 'gateways' && values.as !== undefined)
    throw new ConfigError('--as names the deployment of a blueprint, and the file holds gateways');
  const validateOnly = values['validate-only'];
  const query = queryOf(values, validateOnly);
  const asked: Asked =
    read.kind === 'gateways'
      ? { method: 'POST', path: 'gateways', query, body: text }
      : { method: 'PUT', path: nameIn('deployments', values.as ?? read.name), query, body: text };
  const said = await askVamp(batonUrl(values.baton, process.env['BATON_URL']), asked, signal);
  if (!said.ok) return sayRefused('apply', file, said, values.json);
  if (values.json) await write(`${JSON.stringify(said.body, null, 2)}\n`);
  else
    await say(
      read.kind === 'gateways'
        ? [...gatewayLines(said, validateOnly), ...flawLines(file, read.notes)]
        : deploymentLines(file, said, validateOnly),
    );
  return 0;
}

type Read =
  /** Notes: what Baton does otherwise than the file says. */
  | { readonly kind: 'gateways'; readonly notes: readonly Flaw[] }
  | { readonly kind: 'blueprint'; readonly name: string }
  | { readonly kind: 'bad'; readonly flaws: readonly Flaw[] };

/** What the file holds. It is read here, too: the place of a slip is told also when no Baton answers. */
function readFile(text: string): Read {
  const options = { allowTemplates: true };
  const source = readYaml(text);
  const kinds = source.documents.map(kindOfDocument);
  const other = kinds.findIndex((kind) => kind !== null && kind !== 'gateway' && kind !== 'blueprint');
  const node = source.documents[other];
  if (node !== undefined) {
    const problem = `Baton keeps nothing of the kind ${String(kinds[other])}.`;
    return {
      kind: 'bad',
      flaws: [
        {
          ...source.placeAt(node.at),
          rule: 'kind',
          problem,
          remedy: insteadOf(String(kinds[other])) ?? 'Write a gateway or a blueprint.',
        },
      ],
    };
  }
  if (kinds.includes('blueprint')) {
    const parsed = parseBlueprint(text, options);
    return parsed.ok
      ? { kind: 'blueprint', name: parsed.blueprint.name }
      : { kind: 'bad', flaws: parsed.flaws };
  }
  const parsed = parseGateways(text, options);
  return parsed.ok ? { kind: 'gateways', notes: parsed.notes } : { kind: 'bad', flaws: parsed.flaws };
}

function gatewayLines(said: Extract<Said, { ok: true }>, validateOnly: boolean): readonly string[] {
  const done = validateOnly ? 'would be taken' : said.status === 201 ? 'is there' : 'is changed';
  const gateways = z.union([z.array(shownGateway), shownGateway.transform((one) => [one])]).parse(said.body);
  return gateways.map(({ name, port, routes }) => {
    const shares = Object.entries(routes).map(([path, { weight }]) => `${path} ${weight}`);
    return `gateway ${name} on ${port} ${done}: ${shares.length === 0 ? 'no routes yet' : shares.join(', ')}`;
  });
}

function deploymentLines(
  file: string,
  said: Extract<Said, { ok: true }>,
  validateOnly: boolean,
): readonly string[] {
  const { apps, scaled, gateways, notes } = shownDeployment.parse(said.body);
  const would = validateOnly ? 'would be ' : '';
  return [
    ...apps.map((app) => `app ${nameOf(app)} ${would}created`),
    ...scaled.map((app) => `app ${nameOf(app)} ${would}scaled`),
    ...gateways.map((name) => `gateway ${name} ${validateOnly ? 'would be taken' : 'is there'}`),
    ...flawLines(file, notes),
  ];
}
